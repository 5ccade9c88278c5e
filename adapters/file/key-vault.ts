import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  sign,
  webcrypto,
} from 'node:crypto'
import * as z from 'zod'
import type { TenantTag } from '#core/ids.ts'
import { platformTag } from '#core/ids.ts'
import type { Institution } from '#core/institutions/institution.ts'
import { derToRaw } from '#core/jose/ecdsa-signature.ts'
import { parsePublicJwk, thumbprintInput } from '#core/jose/jwk.ts'
import type { KeyVault, VaultKey } from '#core/keys/key-vault.ts'
import type { Clock, Signer } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import {
  type CertifiedKey,
  makeIssuingAuthority,
  makeLeaf,
  makeRevocationList,
  makeRoot,
} from './certificates.ts'
import type { KeyFolder } from './key-folder.ts'

const zCertified = z.object({ privateKey: z.string(), certificate: z.string() })
const zKey = z.object({
  kid: z.string(),
  createdAt: z.string(),
  /** PKCS #8, base64. */
  privateKey: z.string(),
})
const zKeyFile = z.object({
  /** The first is the one the tenant began with. */
  keys: z.array(zKey),
  /** Absent for the platform, whose key signs access tokens and needs no certificate. */
  authority: zCertified.exactOptional(),
  /** Leaf certificate by `kid`, with the address it was made for. */
  leaves: z.record(z.string(), z.object({ publicUrl: z.string(), certificate: z.string() })),
})
type KeyFile = z.output<typeof zKeyFile>
type StoredKey = z.output<typeof zKey>

/** How the register names keys of this vault: there is one folder, so the thumbprint says the rest. */
const inFolder = 'file'

/**
 * `KeyVault` of key files: a throw-away root per deployment, an issuing authority and signing keys per
 * institution, keys of the platform for access tokens. What is missing is made when first asked for. A
 * changed `publicUrl` gets a new certificate for the same key.
 */
export function fileVault(parts: {
  keys: KeyFolder
  publicUrl: string
  clock: Clock
  findInstitution: (tag: TenantTag) => Promise<Institution | undefined>
}): KeyVault {
  const { keys, publicUrl, clock } = parts
  const loaded = new Map<TenantTag, KeyFile>()
  const firsts = new Map<TenantTag, VaultKey>()
  const turns = new Map<TenantTag, Promise<unknown>>()
  let root: Promise<CertifiedKey> | undefined

  // One at a time: two first calls at once must not make two first keys.
  function inTurn<T>(tag: TenantTag, work: () => Promise<T>): Promise<T> {
    const result = (turns.get(tag) ?? Promise.resolve()).then(work)
    turns.set(
      tag,
      result.catch(() => undefined),
    )
    return result
  }
  const theRoot = () => {
    root ??= openRoot()
    return root
  }

  return {
    async first(tag) {
      const known = firsts.get(tag)
      if (known) return known
      const [key] = (await opened(tag)).keys
      if (!key) throw new Error('a key file holds no key')
      const first = vaultKey(key)
      firsts.set(tag, first)
      return first
    },

    async next(tag, location) {
      if (location !== undefined) {
        throw new Refusal('invalid_input', 'location: this deployment makes its own keys; leave it out.', {
          field: 'location',
        })
      }
      return inTurn(tag, async () => {
        const file = await open(tag)
        const key = newKey(clock.now())
        await save(tag, { ...file, keys: [...file.keys, key] })
        return vaultKey(key)
      })
    },

    async signer(tag, { kid, x5c }) {
      const file = await opened(tag)
      const key = file.keys.find((one) => one.kid === kid)
      if (!key) {
        throw new Refusal(
          'signing_key_unavailable',
          'The institution’s signing key cannot be used; its operator must look into it.',
          { detail: `the key ${kid} is not in the key folder` },
        )
      }
      return signerOf(key, x5c ? [...x5c] : chainOf(file, kid))
    },

    async anchors() {
      return [(await theRoot()).certificate]
    },

    async revocationList(tag, revoked) {
      // Whatever stands below the root is the platform's own; nothing of it was taken back.
      if (tag === platformTag) return makeRevocationList(await theRoot(), [], clock.now())
      const { authority, leaves } = await opened(tag)
      if (!authority) return undefined
      const taken = [...revoked].flatMap(([kid, at]) => {
        const certificate = leaves[kid]?.certificate
        return certificate === undefined ? [] : [{ certificate, at }]
      })
      return makeRevocationList(authority, taken, clock.now())
    },
  }

  async function openRoot(): Promise<CertifiedKey> {
    const stored = keys.read('root.json')
    if (stored !== undefined) return zCertified.parse(JSON.parse(stored))
    const made = await makeRoot(clock.now())
    keys.write('root.json', JSON.stringify(made))
    return made
  }

  async function opened(tag: TenantTag): Promise<KeyFile> {
    return loaded.get(tag) ?? inTurn(tag, () => open(tag))
  }

  async function open(tag: TenantTag): Promise<KeyFile> {
    const known = loaded.get(tag)
    if (known) return known
    const stored = keys.read(`${tag}.json`)
    return save(
      tag,
      stored === undefined ? { keys: [newKey(clock.now())], leaves: {} } : zKeyFile.parse(JSON.parse(stored)),
    )
  }

  /** Certifies what has no certificate for this address yet, and writes the file if it is not what is stored. */
  async function save(tag: TenantTag, file: KeyFile): Promise<KeyFile> {
    const certified = tag === platformTag ? file : await certify(file, tag)
    const text = JSON.stringify(certified)
    if (text !== keys.read(`${tag}.json`)) keys.write(`${tag}.json`, text)
    loaded.set(tag, certified)
    return certified
  }

  async function certify(file: KeyFile, tag: TenantTag): Promise<KeyFile> {
    const institution = await parts.findInstitution(tag)
    if (!institution) throw new Error('a signing key was asked for an institution that does not exist')
    const authority =
      file.authority ?? (await makeIssuingAuthority(await theRoot(), institution, clock.now()))
    const leaves = { ...file.leaves }
    for (const { kid, privateKey } of file.keys) {
      if (leaves[kid]?.publicUrl === publicUrl) continue
      const publicKey = await webPublicKey(privateKey)
      const certificate = await makeLeaf(authority, institution, publicUrl, publicKey, clock.now())
      leaves[kid] = { publicUrl, certificate }
    }
    return { ...file, authority, leaves }
  }
}

function newKey(now: Date): StoredKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64')
  return { kid: publicOf(privateKey).kid, createdAt: now.toISOString(), privateKey: pkcs8 }
}

function vaultKey(key: StoredKey): VaultKey {
  const { kid, publicJwk } = publicOf(privateKeyOf(key))
  return { kid, publicJwk, location: inFolder, createdAt: new Date(key.createdAt) }
}

/** Leaf first, then the issuing authority; the root is left out, as SD-JWT VC and HAIP ask. */
function chainOf({ leaves, authority }: KeyFile, kid: string): string[] {
  const leaf = leaves[kid]
  return leaf && authority ? [leaf.certificate, authority.certificate] : []
}

function privateKeyOf({ privateKey }: StoredKey): KeyObject {
  return createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' })
}

function signerOf(key: StoredKey, x5c: string[]): Signer {
  const privateKey = privateKeyOf(key)
  const { kid, publicJwk } = publicOf(privateKey)
  if (kid !== key.kid) throw new Error('a key file names another key than it holds')
  return {
    kid,
    alg: 'ES256',
    publicJwk,
    x5c,
    // The bare KeyObject and DER: asking for r‖s takes twice as long.
    async sign(bytes) {
      return derToRaw(sign('sha256', bytes, privateKey))
    },
  }
}

function publicOf(privateKey: KeyObject) {
  const publicJwk = parsePublicJwk(createPublicKey(privateKey).export({ format: 'jwk' }))
  return { publicJwk, kid: hash('sha256', thumbprintInput(publicJwk), 'base64url') }
}

async function webPublicKey(pkcs8: string): Promise<webcrypto.CryptoKey> {
  const privateKey = createPrivateKey({ key: Buffer.from(pkcs8, 'base64'), format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  return webcrypto.subtle.importKey('spki', spki, { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify'])
}
