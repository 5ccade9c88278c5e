import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { httpTimeStamps } from '#adapters/tsa/http-time-stamp.ts'
import type { SealOptions } from '#core/edc/seal-credential.ts'
import { BadSettings, type Settings } from './settings.ts'

/** How European credentials are sealed wherever the academy runs; with the time stamp authority of `TSA_URL` when one is set. */
export function sealOptions({ signingTime, statusEntries, timeStamps }: Settings['seal']): SealOptions {
  return {
    signingTime,
    ...(statusEntries ? { statusEntries } : {}),
    ...(timeStamps
      ? { timeStamps: httpTimeStamps(timeStamps.url, certificatesOf(timeStamps.certFile, 'TSA_CERT_FILE')) }
      : {}),
  }
}

/** Certificates of a PEM file, DER; `name` is the setting that is told when it cannot be used. */
export function certificatesOf(file: string, name: string): Uint8Array[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw unusable(name)
  }
  return certificatesIn(text, name)
}

/** The same of the text of such a file. */
export function certificatesIn(text: string, name: string): Uint8Array[] {
  const pems = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
  if (!pems || pems.length > 10) throw unusable(name)
  try {
    return pems.map((pem) => new Uint8Array(new X509Certificate(pem).raw))
  } catch {
    throw unusable(name)
  }
}

const unusable = (name: string) => new BadSettings([`${name}: must hold one to ten certificates in PEM`])
