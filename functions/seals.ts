import { X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pemSealKey } from '#adapters/pem/seal-key.ts'
import { httpTimeStamps } from '#adapters/tsa/http-time-stamp.ts'
import type { SealKey } from '#core/edc/seal.ts'
import type { SealOptions } from '#core/edc/seal-credential.ts'
import { BadSettings, type Settings } from './settings.ts'

/** How European credentials are sealed here; with the time stamp authority of `TSA_URL` when one is set. */
export function readSeals({ signingTime, timeStamps, keysDir }: Settings['seal']): SealOptions {
  return {
    signingTime,
    ...(keysDir === undefined ? {} : { keys: keysIn(keysDir) }),
    ...(timeStamps
      ? { timeStamps: httpTimeStamps(timeStamps.url, certificatesOf(timeStamps.certFile, 'TSA_CERT_FILE')) }
      : {}),
  }
}

/** Sealing keys by institution; a file that cannot be used stops the start and is named. */
function keysIn(folder: string): Map<string, SealKey> {
  let names: string[]
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.pem'))
  } catch {
    throw new BadSettings(['SEAL_KEYS_DIR: the folder cannot be read'])
  }
  const keys = new Map<string, SealKey>()
  const problems: string[] = []
  for (const name of names) {
    try {
      keys.set(name.slice(0, -'.pem'.length), pemSealKey(readFileSync(join(folder, name), 'utf8')))
    } catch (error) {
      problems.push(`SEAL_KEYS_DIR: ${name} ${(error as Error).message}`)
    }
  }
  if (problems.length > 0) throw new BadSettings(problems)
  return keys
}

/** Certificates of a PEM file, DER; `name` is the setting that is told when it cannot be used. */
export function certificatesOf(file: string, name: string): Uint8Array[] {
  const problem = () => new BadSettings([`${name}: must hold one to ten certificates in PEM`])
  try {
    const pems = readFileSync(file, 'utf8').match(
      /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g,
    )
    if (!pems || pems.length > 10) throw problem()
    return pems.map((pem) => new Uint8Array(new X509Certificate(pem).raw))
  } catch (error) {
    throw error instanceof BadSettings ? error : problem()
  }
}
