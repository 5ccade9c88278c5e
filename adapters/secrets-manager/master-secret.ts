import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager'

/** The deployment's master secret, 32 bytes; kept in Secrets Manager as 64 hexadecimal digits. */
export async function readMasterSecret(
  client: Pick<SecretsManagerClient, 'send'>,
  secretId: string,
): Promise<Uint8Array> {
  const { SecretString: text = '' } = await client.send(new GetSecretValueCommand({ SecretId: secretId }))
  if (!/^[0-9a-f]{64}$/.test(text)) throw new Error('the master secret is not 64 hexadecimal digits')
  return Buffer.from(text, 'hex')
}
