import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { p256 } from '@noble/curves/nist.js'
import * as z from 'zod'

const zSign = z.object({
  KeyId: z.string(),
  Message: z.base64(),
  MessageType: z.literal('DIGEST'),
  SigningAlgorithm: z.literal('ECDSA_SHA_256'),
})

/** A call a function made, as a policy speaks of it. */
interface AwsCall {
  action: string
  resource: string
}

export interface AwsStandIn {
  url: string
  calls: AwsCall[]
  /** The public key behind an alias, SPKI DER; the key is made when first asked for. */
  publicKey(alias: string): Buffer
  /** What KMS answers instead of a signature, until it is set back. */
  corrupt: ((signature: Uint8Array) => Uint8Array) | undefined
  close(): Promise<void>
}

/**
 * The few calls of KMS and Secrets Manager that the functions make, in the JSON protocol of the SDK. Unlike
 * Node it signs digests, as KMS does. Keys and secrets live as long as it does.
 */
export async function awsStandIn(secrets: Record<string, string> = {}): Promise<AwsStandIn> {
  const keys = new Map<string, { spki: Buffer; secret: Uint8Array }>()
  const keyOf = (alias: string) => {
    const known = keys.get(alias)
    if (known) return known
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const { d = '' } = createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })).export({
      format: 'jwk',
    })
    const made = {
      spki: createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).export({
        type: 'spki',
        format: 'der',
      }),
      secret: Buffer.from(d, 'base64url'),
    }
    keys.set(alias, made)
    return made
  }
  const calls: AwsCall[] = []
  const standIn: Pick<AwsStandIn, 'corrupt'> = { corrupt: undefined }

  const answers: Record<string, (input: unknown) => object> = {
    'TrentService.GetPublicKey'(input) {
      const { KeyId } = z.object({ KeyId: z.string() }).parse(input)
      calls.push({ action: 'kms:GetPublicKey', resource: KeyId })
      const PublicKey = keyOf(KeyId).spki.toString('base64')
      return { KeyId, PublicKey, KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }
    },
    'TrentService.Sign'(input) {
      const { KeyId, Message } = zSign.parse(input)
      calls.push({ action: 'kms:Sign', resource: KeyId })
      const digest = Buffer.from(Message, 'base64')
      if (digest.length !== 32) throw new Error('a digest of SHA-256 is 32 bytes')
      const signature = p256
        .sign(digest, keyOf(KeyId).secret, { prehash: false, lowS: false })
        .toDERRawBytes()
      const given = standIn.corrupt?.(signature) ?? signature
      return { KeyId, Signature: Buffer.from(given).toString('base64'), SigningAlgorithm: 'ECDSA_SHA_256' }
    },
    'secretsmanager.GetSecretValue'(input) {
      const { SecretId } = z.object({ SecretId: z.string() }).parse(input)
      calls.push({ action: 'secretsmanager:GetSecretValue', resource: SecretId })
      const SecretString = secrets[SecretId]
      if (SecretString === undefined) throw new Error('there is no such secret')
      return { ARN: SecretId, SecretString }
    },
  }

  const server = createServer(async (request, response) => {
    const target = String(request.headers['x-amz-target'])
    response.setHeader('content-type', 'application/x-amz-json-1.1')
    try {
      const answer = answers[target]
      if (!answer) throw new Error(`no stand-in for ${target}`)
      response.end(JSON.stringify(answer(JSON.parse(await bodyOf(request)))))
    } catch (error) {
      response.statusCode = 400
      response.end(JSON.stringify({ __type: 'ValidationException', message: String(error) }))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(standIn, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    publicKey: (alias: string) => keyOf(alias).spki,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
