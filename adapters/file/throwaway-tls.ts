import { join } from 'node:path'
import { makeTlsCertificate } from './certificates.ts'
import { keyFolder } from './key-folder.ts'

/**
 * Writes a self-signed certificate for https on this machine into a folder and names the two files, as
 * `TLS_CERT_FILE` and `TLS_KEY_FILE` want them. Whoever connects must be told to trust this very file.
 */
export async function writeThrowawayTls(
  folder: string,
  now: Date,
  hosts: string[] = ['localhost', '127.0.0.1', '::1'],
): Promise<{ certFile: string; keyFile: string; certificate: string }> {
  const { certificate, privateKey } = await makeTlsCertificate(hosts, now, 30)
  const files = keyFolder(folder)
  files.write('tls-cert.pem', certificate)
  files.write('tls-key.pem', privateKey)
  return { certFile: join(folder, 'tls-cert.pem'), keyFile: join(folder, 'tls-key.pem'), certificate }
}
