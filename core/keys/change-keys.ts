import type { KeyRegister, KeyRevocationReason, KeyState, SigningKey } from './signing-key.ts'

/** Who changes the register, and when. */
export interface KeyDecision {
  at: Date
  by: string
  reason?: KeyRevocationReason
  note?: string
}

/** A register after a change: who is active, and the keys that are not as they were. */
export interface ChangedKeys {
  active: string
  keys: SigningKey[]
}

type Lifetimes = { keyDocumentsTtlSeconds: number; credentialLifetimeDays: number }

/** A day on top of a credential's lifetime: what a process signed with a key while it was being retired. */
const slackDays = 1

/** The key on its way: published from now on, and usable once nobody can hold older documents any more. */
export function asNext(
  key: Omit<SigningKey, 'state' | 'history'>,
  decision: KeyDecision,
  lifetimes: Lifetimes,
) {
  const usableFrom = new Date(decision.at.getTime() + lifetimes.keyDocumentsTtlSeconds * 1000)
  return moved({ ...key, history: [] }, { state: 'next', usableFrom }, decision)
}

/**
 * The next key becomes the active one, and the active one retires: it goes on verifying what it signed, and
 * stays published until nothing of that can be valid.
 */
export function withActive(
  { keys }: KeyRegister,
  next: SigningKey,
  decision: KeyDecision,
  lifetimes: Lifetimes,
): ChangedKeys {
  const { credentialLifetimeDays } = lifetimes
  const keepUntil = new Date(decision.at.getTime() + (credentialLifetimeDays + slackDays) * 86_400_000)
  const { reason: _none, ...plain } = decision
  const retired = keys
    .filter(({ state, kid }) => state === 'active' && kid !== next.kid)
    .map((key) => moved(key, { state: 'retired', keepUntil }, plain))
  return { active: next.kid, keys: [moved(next, { state: 'active' }, plain), ...retired] }
}

/**
 * A key that verifies nothing any more. `replacement` takes over when it was the active one: an institution
 * is never without a key.
 */
export function withRevoked(
  register: KeyRegister,
  key: SigningKey,
  replacement: SigningKey | undefined,
  decision: KeyDecision,
): ChangedKeys {
  const { reason: _none, ...plain } = decision
  const revoked = moved(key, { state: 'revoked' }, decision)
  if (key.state !== 'active') {
    const active = register.keys.find(({ state }) => state === 'active')
    if (!active) throw new Error('a register without an active key')
    return { active: active.kid, keys: [revoked] }
  }
  if (!replacement) throw new Error('an active key needs a replacement before it is revoked')
  return { active: replacement.kid, keys: [revoked, moved(replacement, { state: 'active' }, plain)] }
}

type Standing =
  | { state: 'next'; usableFrom: Date }
  | { state: 'active' }
  | { state: 'retired'; keepUntil: Date }
  | { state: 'revoked' }

/** The key in its new state: what only the old one had is left behind. */
function moved(
  key: Omit<SigningKey, 'state'>,
  standing: Standing,
  { at, by, reason, note }: KeyDecision,
): SigningKey {
  const { kid, tenant, publicJwk, location, x5c, history } = key
  const entry: { state: KeyState } & KeyDecision = {
    state: standing.state,
    at,
    by,
    ...(reason ? { reason } : {}),
    ...(note ? { note } : {}),
  }
  return {
    kid,
    tenant,
    publicJwk,
    location,
    ...(x5c ? { x5c } : {}),
    history: [...history, entry],
    ...standing,
  }
}
