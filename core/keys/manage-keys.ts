import * as z from 'zod'
import { type Actor, authorise } from '#core/access/operations.ts'
import { platformTag, type TenantTag } from '#core/ids.ts'
import { institutionUrl } from '#core/institutions/institution.ts'
import { zRequestId } from '#core/parse.ts'
import type { Ports, Signer } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { requestOf } from '#core/requests.ts'
import { verifyChain } from '#core/verification/certificate-chain.ts'
import { asNext, type ChangedKeys, type KeyDecision, withActive, withRevoked } from './change-keys.ts'
import type { VaultKey } from './key-vault.ts'
import { type KeyRegister, keyRevocationReasons, type SigningKey } from './signing-key.ts'

type KeyPorts = Pick<Ports, 'store' | 'clock' | 'signers' | 'keyVault' | 'settings'>

const zKid = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
const zNote = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .regex(/^\P{Cc}*$/u)

const about = {
  requestId: zRequestId,
  /** Slug of the institution, or `platform`; the caller's own when absent. */
  institution: z
    .string()
    .regex(/^[a-z0-9-]{1,80}$/)
    .exactOptional(),
  /** Only says what would happen. */
  dryRun: z.boolean().default(false),
}
/** Address of a key in the vault, where the vault cannot make keys. */
const zLocation = z
  .string()
  .min(1)
  .max(2048)
  .regex(/^[\x21-\x7e]+$/)

export const zPrepareKey = z.strictObject({ ...about, location: zLocation.exactOptional() })
export const zActivateKey = z.strictObject({ ...about, kid: zKid })
export const zCertifyKey = z.strictObject({
  ...about,
  kid: zKid,
  /** DER in base64, leaf first, without the anchor. */
  chain: z.array(z.string().min(1).max(8192)).min(1).max(4),
})
export const zRevokeKey = z.strictObject({
  ...about,
  kid: zKid,
  reason: z.enum(keyRevocationReasons),
  note: zNote.exactOptional(),
  location: zLocation.exactOptional(),
})

/** What a change of the register did, or would do. */
export interface KeyChange {
  dryRun: boolean
  /** The keys it changes, as they are afterwards. A key that a dry run would make is not among them. */
  keys: SigningKey[]
  /** Credentials that no longer verify; counted up to `mostCounted`. */
  credentialsLost?: number
  /** The key that takes over was not published long enough: some verifiers may refuse it for a while. */
  verifiersMayLag?: boolean
}

/** Counting more than these would take longer than anybody waits for an answer. */
const mostCounted = 100_000

/** The keys of an institution, newest first. A tenant without a register has the one its vault began with. */
export async function listKeys(
  actor: Actor | undefined,
  institution: string | undefined,
  ports: KeyPorts,
): Promise<SigningKey[]> {
  const tenant = await tenantAsked(actor, institution, ports)
  const { keys } = await readRegister(tenant, ports)
  return keys.toSorted((a, b) => timeOf(b) - timeOf(a))
}

const timeOf = ({ history }: SigningKey) => history[0]?.at.getTime() ?? 0

/**
 * Registers a next key and publishes it from now on. It may sign once everybody who keeps the institution's
 * key documents has had to fetch them again. Refuses `state_conflict` when there is a next key already.
 */
export async function prepareKey(
  actor: Actor | undefined,
  { requestId, ...input }: z.output<typeof zPrepareKey>,
  ports: KeyPorts,
): Promise<KeyChange> {
  const { tenant, register, repeated, decision, save } = await begin(
    actor,
    'prepare',
    requestId,
    input,
    ports,
  )
  if (repeated) return repeat(register)
  if (register.keys.some(({ state }) => state === 'next')) {
    throw new Refusal('state_conflict', 'There is a next key already: activate or revoke it first.')
  }
  if (input.dryRun) return { dryRun: true, keys: [] }
  const next = fromVault(await ports.keyVault.next(tenant, input.location), tenant, decision, ports)
  refuseKnown(next, register)
  return save({ active: activeOf(register).kid, keys: [next] })
}

/**
 * Gives a key its certificates. They must be for this very key, name the institution's address, be valid now
 * and lead to an anchor of this deployment. Refuses `certificate_unusable` and names what is wrong.
 */
export async function certifyKey(
  actor: Actor | undefined,
  { requestId, ...input }: z.output<typeof zCertifyKey>,
  ports: KeyPorts,
): Promise<KeyChange> {
  const { tenant, register, repeated, save } = await begin(actor, 'certify', requestId, input, ports)
  if (repeated) return repeat(register, input.kid)
  const key = keyOf(register, input.kid)
  await refuseUnusable(tenant, { x5c: input.chain, publicJwk: key.publicJwk }, ports)
  const certified = { ...key, x5c: input.chain }
  if (input.dryRun) return { dryRun: true, keys: [certified] }
  return save({ active: activeOf(register).kid, keys: [certified] })
}

/**
 * The next key signs from now on; the one before retires and goes on verifying what it signed. Refuses
 * `state_conflict` before the next key was published long enough, and `certificate_unusable`.
 */
export async function activateKey(
  actor: Actor | undefined,
  { requestId, ...input }: z.output<typeof zActivateKey>,
  ports: KeyPorts,
): Promise<KeyChange> {
  const { tenant, register, repeated, decision, save } = await begin(
    actor,
    'activate',
    requestId,
    input,
    ports,
  )
  if (repeated) return repeat(register, input.kid)
  const next = keyOf(register, input.kid)
  if (next.state !== 'next') throw new Refusal('state_conflict', `The key is ${next.state}, not next.`)
  if (next.usableFrom > decision.at) {
    throw new Refusal(
      'state_conflict',
      `The key may sign from ${next.usableFrom.toISOString()}: until then some verifiers do not know it.`,
    )
  }
  await refuseUnusable(tenant, await ports.keyVault.signer(tenant, next), ports)
  const changed = withActive(register, next, decision, ports.settings)
  return input.dryRun ? { dryRun: true, keys: changed.keys } : save(changed)
}

/**
 * Ends a key for good: nothing it signed verifies any more, and it leaves the documents. When it was the
 * active one, the next key takes over at once, or a fresh one where the vault can make it. Learners collect
 * their credentials again under the new key.
 */
export async function revokeKey(
  actor: Actor | undefined,
  { requestId, ...input }: z.output<typeof zRevokeKey>,
  ports: KeyPorts,
): Promise<KeyChange> {
  const { tenant, register, repeated, decision, save } = await begin(actor, 'revoke', requestId, input, ports)
  if (repeated) return repeat(register, input.kid)
  const key = keyOf(register, input.kid)
  if (key.state === 'revoked') throw new Refusal('state_conflict', 'The key is revoked already.')
  const { reason, note } = input
  const told: KeyDecision = { ...decision, reason, ...(note ? { note } : {}) }
  const prepared = register.keys.find(({ state }) => state === 'next')
  const lagging =
    key.state === 'active' && !(prepared?.state === 'next' && prepared.usableFrom <= decision.at)
  const effects = {
    credentialsLost: await ports.store.countSignedWith(tenant, key.kid, mostCounted),
    ...(key.state === 'active' ? { verifiersMayLag: lagging } : {}),
  }
  if (key.state !== 'active') {
    const changed = withRevoked(register, key, undefined, told)
    if (input.dryRun) return { dryRun: true, keys: changed.keys, ...effects }
    return { ...(await save(changed, { reason })), ...effects }
  }
  if (input.dryRun && !prepared) return { dryRun: true, keys: [{ ...key, state: 'revoked' }], ...effects }
  const replacement =
    prepared ?? fromVault(await ports.keyVault.next(tenant, input.location), tenant, decision, ports)
  if (!prepared) refuseKnown(replacement, register)
  await refuseUnusable(tenant, await ports.keyVault.signer(tenant, replacement), ports)
  const changed = withRevoked(register, key, replacement, told)
  if (input.dryRun) return { dryRun: true, keys: changed.keys, ...effects }
  return { ...(await save(changed, { reason })), ...effects }
}

/**
 * Writes the keys that tenants began with into their registers, where nothing stands yet. Nothing depends on
 * it: a register without an item means the same; but an item that is there is read faster.
 */
export async function registerFirstKeys(tenants: readonly TenantTag[], ports: KeyPorts): Promise<void> {
  for (const tenant of tenants) {
    if ((await ports.store.findActiveKid(tenant)) !== undefined) continue
    const { keys } = await readRegister(tenant, ports)
    const request = requestOf(
      { subject: 'first-keys', tenant },
      'registerFirstKeys',
      tenant,
      'first-keys',
      {},
    )
    await ports.store.saveKeysOnce(request, { version: 0, active: keys[0]?.kid ?? '', keys })
  }
}

async function begin(
  actor: Actor | undefined,
  what: 'prepare' | 'certify' | 'activate' | 'revoke',
  requestId: string,
  input: { institution?: string; dryRun: boolean },
  ports: KeyPorts,
) {
  const tenant = await tenantAsked(actor, input.institution, ports)
  if (!actor) throw new Error('unreachable: the caller was authorised')
  const { dryRun, ...rest } = input
  const request = requestOf(actor, `${what}Key`, tenant, requestId, rest)
  const repeated = !dryRun && (await ports.store.wasAnswered(request))
  const register = await readRegister(tenant, ports)
  const decision: KeyDecision = { at: ports.clock.now(), by: actor.subject }

  async function save({ active, keys }: ChangedKeys, detail: { reason?: string } = {}): Promise<KeyChange> {
    // The first version writes every key there is: an unwritten register stood for its vault's first key.
    const named = new Set(keys.map(({ kid }) => kid))
    const untouched = register.version === 0 ? register.keys.filter(({ kid }) => !named.has(kid)) : []
    await ports.store.saveKeysOnce(request, {
      version: register.version,
      active,
      keys: [...keys, ...untouched],
      audit: {
        action: `key.${what}`,
        by: decision.by,
        about: keys[0]?.kid ?? active,
        detail: { active, ...detail },
      },
    })
    return { dryRun: false, keys }
  }
  return { tenant, register, repeated, decision, save }
}

async function tenantAsked(
  actor: Actor | undefined,
  institution: string | undefined,
  { store }: Pick<Ports, 'store'>,
): Promise<TenantTag> {
  let tenant = actor?.tenant ?? platformTag
  if (institution === 'platform') tenant = platformTag
  else if (institution !== undefined) {
    const found = await store.findInstitutionBySlug(institution)
    // Institutions are public: that there is none is no secret.
    if (!found)
      throw new Refusal('not_found', 'institution: there is none of this name.', { field: 'institution' })
    tenant = found.tag
  }
  authorise(actor, 'manageKeys', { tenant })
  return tenant
}

/** The register as it counts: the key the vault began with stands in for one that was never written. */
async function readRegister(tenant: TenantTag, { store, keyVault, clock }: KeyPorts): Promise<KeyRegister> {
  const register = await store.readKeyRegister(tenant)
  if (register.version > 0) return register
  const { kid, publicJwk, location, createdAt } = await keyVault.first(tenant)
  const history = [{ state: 'active' as const, at: createdAt ?? clock.now(), by: 'system' }]
  return { version: 0, keys: [{ kid, tenant, publicJwk, location, history, state: 'active' }] }
}

function fromVault(
  { kid, publicJwk, location }: VaultKey,
  tenant: TenantTag,
  decision: KeyDecision,
  { settings }: KeyPorts,
): SigningKey {
  return asNext({ kid, tenant, publicJwk, location }, decision, settings)
}

function refuseKnown({ kid }: SigningKey, { keys }: KeyRegister): void {
  if (!keys.some((key) => key.kid === kid)) return
  throw new Refusal('invalid_input', 'location: this key is in the register already.', { field: 'location' })
}

function keyOf({ keys }: KeyRegister, kid: string): SigningKey {
  const key = keys.find((one) => one.kid === kid)
  if (!key) throw new Refusal('not_found', 'kid: there is no such key in this register.', { field: 'kid' })
  return key
}

function activeOf({ keys }: KeyRegister): SigningKey {
  const key = keys.find(({ state }) => state === 'active')
  if (!key) throw new Error('a register without an active key')
  return key
}

/** A repeated request is answered with the keys as they are now. */
function repeat({ keys }: KeyRegister, kid?: string): KeyChange {
  return {
    dryRun: false,
    keys: keys.filter((key) => (kid === undefined ? key.state === 'next' : key.kid === kid)),
  }
}

/** An institution signs only with a key whose certificate every verifier will follow. */
async function refuseUnusable(
  tenant: TenantTag,
  { x5c, publicJwk }: Pick<Signer, 'x5c' | 'publicJwk'>,
  { store, signers, settings, clock }: KeyPorts,
): Promise<void> {
  if (tenant === platformTag) return
  const problem = (what: string) => new Refusal('certificate_unusable', `The certificate of the key ${what}.`)
  const chain = await verifyChain(x5c, await signers.anchors(), clock.now())
  if (typeof chain === 'string') throw problem(`cannot be followed: ${chain}`)
  const institution = await store.findInstitution(tenant)
  const address = institution && institutionUrl(settings.publicUrl, institution.slug)
  if (!address || !chain.leaf.sanUris.includes(address))
    throw problem('does not name the institution’s address')
  const { x, y } = chain.leafKey
  if (x !== publicJwk.x || y !== publicJwk.y) throw problem('is for another key')
}
