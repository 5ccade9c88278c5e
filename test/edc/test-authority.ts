import { execFileSync } from 'node:child_process'
import { constants, createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SealAlgorithm, SealKey } from '#core/edc/seal.ts'
import { derToRaw } from '#core/jose/ecdsa-signature.ts'
import { northLake } from '#functions/seed/institutions.ts'

/** Debian's; every machine that runs these tests has it. */
const program = 'openssl'

/** A leaf's wishes; the defaults make a good seal of North Lake. */
export interface LeafWishes {
  rsa?: boolean
  keyUsage?: string
  organizationIdentifier?: string
  country?: string
  qualified?: boolean
  /** As OpenSSL writes it: `YYYYMMDDHHMMSSZ`. */
  notBefore?: string
  notAfter?: string
}

/**
 * A certification authority made with openssl in a throw-away folder: root, issuing authority, seals on
 * demand, their revocation lists, and a time stamp authority that answers RFC 3161 requests.
 */
export function testAuthority() {
  const folder = mkdtempSync(join(tmpdir(), 'academy-authority-'))
  const at = (name: string) => join(folder, name)
  const openssl = (...args: string[]) =>
    execFileSync(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const der = (name: string) => openssl('x509', '-in', `${name}.pem`, '-outform', 'DER')

  writeFileSync(at('openssl.cnf'), configuration(folder))
  for (const name of ['root', 'issuing']) {
    writeFileSync(at(`${name}.index`), '')
    writeFileSync(at(`${name}.crlnumber`), '01\n')
  }
  writeFileSync(at('tsa.serial'), '01\n')
  const makeKey = (name: string, rsa: boolean) =>
    openssl(
      'genpkey',
      '-algorithm',
      rsa ? 'RSA' : 'EC',
      '-pkeyopt',
      rsa ? 'rsa_keygen_bits:2048' : 'ec_paramgen_curve:P-256',
      '-out',
      `${name}.key`,
    )
  const certify = (name: string, subject: string, by: string, section: string, dates: [string, string]) => {
    openssl(
      'req',
      '-new',
      '-utf8',
      '-config',
      'openssl.cnf',
      '-key',
      `${name}.key`,
      '-subj',
      subject,
      '-out',
      `${name}.csr`,
    )
    const self = by === name ? ['-selfsign'] : []
    openssl(
      'ca',
      '-batch',
      '-utf8',
      '-config',
      'openssl.cnf',
      '-name',
      `ca_${by}`,
      ...self,
      '-extensions',
      section,
      '-startdate',
      dates[0],
      '-enddate',
      dates[1],
      '-notext',
      '-in',
      `${name}.csr`,
      '-out',
      `${name}.pem`,
    )
  }
  const long: [string, string] = ['20250101000000Z', '20400101000000Z']
  makeKey('root', false)
  certify('root', '/C=LU/O=Test only/CN=TEST ONLY root of the seal tests', 'root', 'ext_root', long)
  makeKey('issuing', false)
  certify('issuing', '/C=LU/O=Test only/CN=TEST ONLY issuing authority', 'root', 'ext_issuing', long)
  makeKey('tsa', true)
  certify('tsa', '/C=LU/O=Test only/CN=TEST ONLY time stamps', 'root', 'ext_tsa', long)
  let leaves = 0

  return {
    folder,
    root: () => der('root'),
    tsa: () => der('tsa'),
    close: () => rmSync(folder, { recursive: true, force: true }),

    /** A key and its chain, leaf first, without the root. */
    seal(alg: SealAlgorithm, wishes: LeafWishes = {}): SealKey & { privateKey: KeyObject } {
      const name = `leaf${++leaves}`
      makeKey(name, alg !== 'ES256')
      const { keyUsage = 'digitalSignature, nonRepudiation', country = northLake.country } = wishes
      const identifier = wishes.organizationIdentifier ?? northLake.legalIdentifier
      const section = wishes.qualified ? 'ext_qualified' : 'ext_leaf'
      writeFileSync(at('openssl.cnf'), configuration(folder, keyUsage))
      certify(
        name,
        `/C=${country}/O=${northLake.name.en}/organizationIdentifier=${identifier}/CN=North Lake e-seal`,
        'issuing',
        section,
        [wishes.notBefore ?? long[0], wishes.notAfter ?? long[1]],
      )
      const privateKey = createPrivateKey(readFileSync(at(`${name}.key`)))
      return {
        alg,
        privateKey,
        x5c: [der(name).toString('base64'), der('issuing').toString('base64')],
        sign: async (bytes) => signWith(alg, privateKey, bytes),
      }
    },

    /** Key, leaf and chain up to the root as one PEM text, the root first. */
    pem(key: { x5c: readonly string[]; privateKey: KeyObject }): string {
      const chain = [der('root').toString('base64'), ...key.x5c]
      const texts = chain.map((one) => `-----BEGIN CERTIFICATE-----\n${one}\n-----END CERTIFICATE-----\n`)
      return `${texts.join('')}${key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()}`
    },

    /** Takes a leaf back, by the list made next. */
    revoke({ x5c }: { x5c: readonly string[] }): void {
      writeFileSync(at('revoked.pem'), `-----BEGIN CERTIFICATE-----\n${x5c[0]}\n-----END CERTIFICATE-----\n`)
      openssl('ca', '-config', 'openssl.cnf', '-name', 'ca_issuing', '-revoke', 'revoked.pem')
    },

    /** Revocation lists of both authorities, DER. */
    crls(): Buffer[] {
      return ['root', 'issuing'].map((name) => {
        openssl(
          'ca',
          '-config',
          'openssl.cnf',
          '-name',
          `ca_${name}`,
          '-gencrl',
          '-crldays',
          '30',
          '-out',
          `${name}.crl`,
        )
        return openssl('crl', '-in', `${name}.crl`, '-outform', 'DER')
      })
    },

    /** Answers a TimeStampReq. */
    stamp(request: Uint8Array): Buffer {
      writeFileSync(at('request.tsq'), request)
      openssl('ts', '-reply', '-config', 'openssl.cnf', '-queryfile', 'request.tsq', '-out', 'response.tsr')
      return readFileSync(at('response.tsr'))
    },
  }
}
export type TestAuthority = ReturnType<typeof testAuthority>

function signWith(alg: SealAlgorithm, key: KeyObject, bytes: Uint8Array): Uint8Array {
  if (alg === 'ES256') return derToRaw(sign('sha256', bytes, key))
  if (alg === 'RS256') return sign('sha256', bytes, key)
  return sign('sha256', bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 })
}

function configuration(folder: string, keyUsage = 'digitalSignature'): string {
  const authority = (name: string) => `
[ca_${name}]
database = ${folder}/${name}.index
new_certs_dir = ${folder}
certificate = ${folder}/${name}.pem
private_key = ${folder}/${name}.key
crlnumber = ${folder}/${name}.crlnumber
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
crl_extensions = ext_crl
`
  return `
[req]
distinguished_name = dn
string_mask = utf8only
[dn]
[any]
countryName = optional
organizationName = optional
organizationIdentifier = optional
commonName = optional
${authority('root')}${authority('issuing')}
[ext_crl]
authorityKeyIdentifier = keyid
[ext_root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[ext_issuing]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[ext_leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, ${keyUsage}
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[ext_qualified]
basicConstraints = critical, CA:FALSE
keyUsage = critical, ${keyUsage}
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
qcStatements = ASN1:SEQUENCE:qc
[qc]
compliance = SEQUENCE:qc_compliance
type = SEQUENCE:qc_type
[qc_compliance]
id = OID:0.4.0.1862.1.1
[qc_type]
id = OID:0.4.0.1862.1.6
types = SEQUENCE:qc_types
[qc_types]
seal = OID:0.4.0.1862.1.6.2
[ext_tsa]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
default_tsa = tsa_config
[tsa_config]
serial = ${folder}/tsa.serial
crypto_device = builtin
signer_cert = ${folder}/tsa.pem
certs = ${folder}/root.pem
signer_key = ${folder}/tsa.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
other_policies = 1.3.6.1.4.1.99999.2
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
`
}
