import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { calculateJwkThumbprint, type JWK } from 'jose'

/** The private ES256 key of the embedded provider, kept so that tokens outlive a restart. Made at first use. */
export async function signingKeyFile(file: string): Promise<JWK & { kid: string }> {
  const jwk = read(file) ?? create(file)
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'ES256', use: 'sig' }
}

function read(file: string): JWK | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as JWK
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function create(file: string): JWK {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = privateKey.export({ format: 'jwk' })
  // Written whole, then linked: a kill in between leaves no half key.
  const fresh = `${file}.${randomUUID()}`
  writeFileSync(fresh, JSON.stringify(jwk), { mode: 0o600, flush: true })
  linkSync(fresh, file)
  rmSync(fresh)
  return jwk as JWK
}
