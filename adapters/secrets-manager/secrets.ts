import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import * as z from 'zod'

type Client = Pick<SecretsManagerClient, 'send'>

/** The deployment's master secret, 32 bytes; kept in Secrets Manager as 64 hexadecimal digits. */
export async function readMasterSecret(client: Client, secretId: string): Promise<Uint8Array> {
  const text = await readText(client, secretId)
  if (!/^[0-9a-f]{64}$/.test(text)) throw new Error('the master secret is not 64 hexadecimal digits')
  return Buffer.from(text, 'hex')
}

const zLogin = z.object({ user: z.string().min(1), password: z.string().min(1) })

/** User and password of a server, kept as a JSON object of the two. */
export async function readLogin(client: Client, secretId: string): Promise<z.output<typeof zLogin>> {
  const { data } = zLogin.safeParse(parseJson(await readText(client, secretId)))
  if (!data) throw new Error('a secret is not a JSON object with user and password')
  return data
}

/** A secret that is a JSON object of texts. */
export async function readTexts(client: Client, secretId: string): Promise<Record<string, string>> {
  const { data } = z.record(z.string(), z.string()).safeParse(parseJson(await readText(client, secretId)))
  if (!data) throw new Error('a secret is not a JSON object of texts')
  return data
}

/** A secret as it stands. */
export async function readText(client: Client, SecretId: string): Promise<string> {
  return (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString ?? ''
}

/** Never in the words of the parser, which would quote the secret. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
