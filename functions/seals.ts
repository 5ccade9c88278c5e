import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { httpTimeStamps } from '#adapters/tsa/http-time-stamp.ts'
import type { SealOptions } from '#core/edc/seal-credential.ts'
import { BadSettings, type Settings } from './settings.ts'

/** How European credentials are sealed here; with the time stamp authority of `TSA_URL` when one is set. */
export function readSeals({ signingTime, timeStamps }: Settings['seal']): SealOptions {
  if (!timeStamps) return { signingTime }
  return { signingTime, timeStamps: httpTimeStamps(timeStamps.url, certificatesOf(timeStamps.certFile)) }
}

function certificatesOf(file: string): Uint8Array[] {
  const problem = () => new BadSettings(['TSA_CERT_FILE: must hold one to ten certificates in PEM'])
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
