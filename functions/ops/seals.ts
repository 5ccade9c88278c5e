import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pemSealKey } from '#adapters/pem/seal-key.ts'
import { pemOfPkcs12 } from '#adapters/pkcs12/read-pkcs12.ts'
import { readSealCertificate } from '#core/edc/issuer-certificate.ts'
import type { OpsCommand } from '../ops.ts'
import { sealKeysIn } from '../seals.ts'

const help = [
  'npm run ops -- seals list   [--dir DIR]',
  'npm run ops -- seals import FILE.p12 --institution SLUG --password-file FILE [--dir DIR] [--dry-run]',
  '',
  'import takes key and certificates out of the PKCS #12 file of a trust service and keeps them as',
  'DIR/SLUG.pem, readable by its owner only; the server reads the folder at its next start.',
  'A .p12 may also lie in the folder itself, with its password in SLUG.password beside it.',
  '',
  '  --dir            default: SEAL_KEYS_DIR',
  '  --password-file  a file with the password, so that it stands in no command and no list of processes',
  '  --dry-run        only say what would be kept',
]

/** `npm run ops -- seals`: sealing keys of trust services in the folder the server reads them from. */
export const sealsCommand: OpsCommand = {
  summary: 'sealing keys of trust services: list, import a PKCS #12 file',

  async run(words) {
    const { values, positionals } = parseArgs({
      args: words,
      allowPositionals: true,
      options: {
        institution: { type: 'string' },
        'password-file': { type: 'string' },
        dir: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
      },
    })
    const [action = 'list', file] = positionals
    if (values.help) return help
    const dir = values.dir ?? process.env['SEAL_KEYS_DIR']
    if (!dir) throw new Error('--dir or SEAL_KEYS_DIR must name the folder of the sealing keys')
    if (action === 'list') {
      return [...sealKeysIn(dir)].flatMap(([slug, { alg, x5c }]) => [`${slug} (${alg})`, ...described(x5c)])
    }
    const { institution, 'password-file': passwordFile } = values
    if (action !== 'import' || !file || !institution || !passwordFile) throw new Error(help.join('\n'))
    if (!/^[a-z0-9-]{1,80}$/.test(institution))
      throw new Error('--institution must be the slug of an institution')
    const pem = pemOfPkcs12(
      read(file),
      read(passwordFile)
        .toString('utf8')
        .replace(/\r?\n$/, ''),
    )
    const { alg, x5c } = pemSealKey(pem)
    const target = join(dir, `${institution}.pem`)
    if (!values['dry-run']) keep(dir, target, pem)
    return [
      `${values['dry-run'] ? 'would be kept as' : 'kept as'} ${target} (${alg})`,
      ...described(x5c),
      ...(values['dry-run'] ? [] : ['Start the server again, so that it is used.']),
    ]
  },
}

function described(x5c: readonly string[]): string[] {
  const certificates = x5c.map(readSealCertificate)
  const [leaf] = certificates
  if (!leaf) return []
  const ends = new Date(Math.min(...certificates.map(({ notAfter }) => notAfter.getTime())))
  return [
    `  ${leaf.organisation}, ${leaf.legalIdentifier}, ${leaf.country}`,
    `  until ${ends.toISOString().slice(0, 10)}, ${x5c.length} certificates, ${leaf.maySeal ? 'may seal' : 'its key usage does not allow a seal'}`,
    `  ${leaf.claimsQualifiedSeal ? 'claims to be qualified for electronic seals' : 'does not claim to be qualified for electronic seals'}`,
  ]
}

function keep(dir: string, target: string, pem: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  writeFileSync(target, pem, { mode: 0o600 })
  chmodSync(target, 0o600)
}

function read(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    throw new Error('a file that was named cannot be read')
  }
}
