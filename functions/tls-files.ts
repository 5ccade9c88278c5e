import { readFileSync } from 'node:fs'
import type { Server } from 'node:https'
import { createSecureContext } from 'node:tls'
import type { Log } from '#http/log.ts'
import { BadSettings, type Settings } from './settings.ts'

type TlsFiles = NonNullable<Settings['tls']>

/** Certificate and key in PEM. Throws `BadSettings` for files that cannot be read or do not belong together. */
export function readTls({ certFile, keyFile }: TlsFiles): { cert: Buffer; key: Buffer } {
  const pair = { cert: read('TLS_CERT_FILE', certFile), key: read('TLS_KEY_FILE', keyFile) }
  try {
    createSecureContext(pair)
  } catch {
    throw new BadSettings(['TLS_KEY_FILE: must be the key of the certificate in TLS_CERT_FILE, both in PEM'])
  }
  return pair
}

/**
 * Looks at the files again and takes up a certificate that was renewed, without a restart; connections that
 * are open go on. What cannot be used is told once, and the certificate before it holds.
 */
export function renewTls(
  server: Pick<Server, 'setSecureContext'>,
  files: TlsFiles,
  log: Log,
): () => Promise<void> {
  let seen = fingerprint(files)
  return async () => {
    const now = fingerprint(files)
    if (now === seen) return
    seen = now
    try {
      server.setSecureContext(readTls(files))
      log({ level: 'info', event: 'tls-files', outcome: 'taken' })
    } catch (error) {
      if (!(error instanceof BadSettings)) throw error
      log({ level: 'error', event: 'tls-files', outcome: 'refused', problems: error.message.split('\n') })
    }
  }
}

function fingerprint({ certFile, keyFile }: TlsFiles): string {
  return [certFile, keyFile].map((file) => contentOf(file)?.toString('base64') ?? '').join(' ')
}

function read(name: string, file: string): Buffer {
  const content = contentOf(file)
  if (!content) throw new BadSettings([`${name}: the file cannot be read`])
  return content
}

function contentOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}
