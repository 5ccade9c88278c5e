import { readFileSync } from 'node:fs'
import { smtpMail } from '#adapters/smtp/mail.ts'
import { BadSettings, type Settings } from './settings.ts'

/** Mail through the server of `SMTP_URL`; `undefined` where none is set. */
export function openMail({ smtp }: Pick<Settings, 'smtp'>): ReturnType<typeof smtpMail> | undefined {
  if (!smtp) return undefined
  const { caFile, ...parts } = smtp
  return smtpMail({ ...parts, ...(caFile === undefined ? {} : { ca: readCa(caFile) }) })
}

function readCa(file: string): string {
  try {
    const text = readFileSync(file, 'utf8')
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  } catch {
    // Told below, like a file that holds something else.
  }
  throw new BadSettings(['SMTP_CA_FILE: must name a file with certificates in PEM'])
}
