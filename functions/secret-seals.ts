import { pemSealKey } from '#adapters/pem/seal-key.ts'
import type { SealKey } from '#core/edc/seal.ts'
import type { SealKeys } from '#core/edc/seal-credential.ts'
import type { Clock } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'

/** A certificate that was renewed is taken up within this time; one that expires is renewed weeks before. */
const keptMs = 3_600_000

/**
 * Sealing keys of trust services on AWS: for each of the institutions a secret of its own, named `prefix` and its
 * slug, which holds key and certificates in PEM. Read by the first who needs it, and anew after an hour. What
 * cannot be had or used is refused as `signing_key_unavailable`: the institution's other key never seals instead.
 */
export function secretSeals(
  { slugs, prefix }: { slugs: readonly string[]; prefix: string | undefined },
  { readText, clock }: { readText: (secretId: string) => Promise<string>; clock: Clock },
): SealKeys {
  const kept = new Map<string, { key: Promise<SealKey>; until: number }>()

  async function read(slug: string): Promise<SealKey> {
    if (prefix === undefined) throw unavailable({ detail: 'this function was given no sealing keys' })
    const name = `${prefix}${slug}`
    const pem = await readText(name).catch((cause: unknown) => {
      throw unavailable({ cause, detail: `the secret ${name} cannot be read` })
    })
    try {
      return pemSealKey(pem)
    } catch (error) {
      throw unavailable({ detail: `the secret ${name} ${(error as Error).message}` })
    }
  }

  return {
    async get(slug) {
      if (!slugs.includes(slug)) return undefined
      const now = clock.now().getTime()
      let known = kept.get(slug)
      if (!known || now >= known.until) {
        const key = read(slug)
        known = { key, until: now + keptMs }
        kept.set(slug, known)
        // A failure is not remembered: the next one asks again.
        key.catch(() => kept.delete(slug))
      }
      return known.key
    },
  }
}

const unavailable = (more: { cause?: unknown; detail: string }) =>
  new Refusal(
    'signing_key_unavailable',
    'The institution’s sealing key cannot be used; its operator must look into it.',
    more,
  )
