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
import type { Clock, Signer, Signers } from '#core/ports.ts'
import { purposeMac } from '../node-crypto/purpose-mac.ts'
import {
  type CertifiedKey,
  makeIssuingAuthority,
  makeLeaf,
  makeRevocationList,
  makeRoot,
} from './certificates.ts'
import { type KeyFolder, masterSecret } from './key-folder.ts'

/** `next` is published before it signs, `retired` still verifies, `revoked` is gone from every document. */
const keyStates = ['next', 'active', 'retired', 'revoked'] as const

const zCertified = z.object({ privateKey: z.string(), certificate: z.string() })
const zKey = z.object({
  kid: z.string(),
  state: z.enum(keyStates),
  createdAt: z.string(),
  /** PKCS #8, base64. */
  privateKey: z.string(),
})
const zRegister = z.object({
  keys: z.array(zKey),
  /** Absent for the platform, whose key signs access tokens and needs no certificate. */
  authority: zCertified.exactOptional(),
  /** Leaf certificate by `kid`, with the address it was made for. */
  leaves: z.record(z.string(), z.object({ publicUrl: z.string(), certificate: z.string() })),
})
type Register = z.output<typeof zRegister>

/**
 * `Signers` from key files: a throw-away root per deployment, an issuing authority and a signing key per
 * institution, a key of the platform for access tokens. What is missing is made when first asked for.
 * A changed `publicUrl` gets a new certificate for the same key.
 */
export function fileSigners(parts: {
  keys: KeyFolder
  publicUrl: string
  clock: Clock
  findInstitution: (tag: TenantTag) => Promise<Institution | undefined>
}): Signers {
  const { keys, publicUrl, clock } = parts
  const loaded = new Map<TenantTag, Promise<{ state: string; signer: Signer }[]>>()
  let root: Promise<CertifiedKey> | undefined

  const load = (tag: TenantTag) => {
    let work = loaded.get(tag)
    if (!work) {
      work = openRegister(tag)
      // A failure (no such institution yet) must not be remembered.
      work.catch(() => loaded.delete(tag))
      loaded.set(tag, work)
    }
    return work
  }
  const theRoot = () => {
    root ??= openRoot()
    return root
  }

  return {
    async active(tag) {
      const found = (await load(tag)).find(({ state }) => state === 'active')
      if (!found) throw new Error('a tenant has no active signing key')
      return found.signer
    },
    async published(tag) {
      const shown = (await load(tag)).filter(({ state }) => state !== 'revoked')
      return shown.map(({ signer: { kid, alg, publicJwk, x5c } }) => ({ kid, alg, publicJwk, x5c }))
    },
    async anchors() {
      return [(await theRoot()).certificate]
    },
    async revocationList(tag) {
      // Whatever stands below the root is the platform's own; nothing of it was taken back.
      if (tag === platformTag) return makeRevocationList(await theRoot(), [], clock.now())
      await load(tag)
      const { authority, keys: known, leaves } = zRegister.parse(JSON.parse(keys.read(`${tag}.json`) ?? ''))
      if (!authority) return undefined
      const revoked = known.flatMap(({ state, kid }) =>
        state === 'revoked' ? [leaves[kid]?.certificate] : [],
      )
      return makeRevocationList(
        authority,
        revoked.filter((certificate) => certificate !== undefined),
        clock.now(),
      )
    },
    mac: purposeMac(masterSecret(keys)),
  }

  async function openRoot(): Promise<CertifiedKey> {
    const stored = keys.read('root.json')
    if (stored !== undefined) return zCertified.parse(JSON.parse(stored))
    const made = await makeRoot(clock.now())
    keys.write('root.json', JSON.stringify(made))
    return made
  }

  async function openRegister(tag: TenantTag): Promise<{ state: string; signer: Signer }[]> {
    const file = `${tag}.json`
    const stored = keys.read(file)
    const register = stored === undefined ? newRegister(clock.now()) : zRegister.parse(JSON.parse(stored))
    const before = JSON.stringify(register)
    if (tag !== platformTag) await certify(register, tag)
    if (stored === undefined || JSON.stringify(register) !== before)
      keys.write(file, JSON.stringify(register))
    return register.keys.map((key) => ({
      state: key.state,
      signer: signerOf(key, chainOf(register, key.kid)),
    }))
  }

  async function certify(register: Register, tag: TenantTag): Promise<void> {
    const institution = await parts.findInstitution(tag)
    if (!institution) throw new Error('a signing key was asked for an institution that does not exist')
    register.authority ??= await makeIssuingAuthority(await theRoot(), institution, clock.now())
    for (const key of register.keys) {
      if (register.leaves[key.kid]?.publicUrl === publicUrl) continue
      const publicKey = await webPublicKey(key.privateKey)
      const certificate = await makeLeaf(register.authority, institution, publicUrl, publicKey, clock.now())
      register.leaves[key.kid] = { publicUrl, certificate }
    }
  }
}

function newRegister(now: Date): Register {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64')
  const { kid } = publicOf(privateKey)
  return {
    keys: [{ kid, state: 'active', createdAt: now.toISOString(), privateKey: pkcs8 }],
    leaves: {},
  }
}

/** Leaf first, then the issuing authority; the root is left out, as SD-JWT VC and HAIP ask. */
function chainOf(register: Register, kid: string): string[] {
  const leaf = register.leaves[kid]
  return leaf && register.authority ? [leaf.certificate, register.authority.certificate] : []
}

function signerOf(key: z.output<typeof zKey>, x5c: string[]): Signer {
  const privateKey = createPrivateKey({
    key: Buffer.from(key.privateKey, 'base64'),
    format: 'der',
    type: 'pkcs8',
  })
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
