import type { Institution } from '#core/institutions/institution.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { checkSealCertificate, readSealCertificate } from './issuer-certificate.ts'

/** From so many days before its end on a certificate is told as expiring: a new one takes weeks to get. */
const warningDays = 60

/** How the certificate stands that an institution seals with. */
export interface SealStanding {
  institution: Pick<Institution, 'slug' | 'name' | 'tag'>
  state: 'good' | 'expiring' | 'unusable'
  /** What is wrong, for `unusable`: never a part of a key. */
  problem?: string
  organisation: string
  /** Of the leaf or of what stands above it, whichever ends first. */
  endsAt?: Date
  daysLeft?: number
  /** A key of a trust service (`SEAL_KEYS_DIR`, on AWS `sealKey`), or the institution's own signing key. */
  source: 'trust-service' | 'own-key'
  claimsQualifiedSeal: boolean
}

const day = 86_400_000

/** How every institution's sealing certificate stands now; those of one tenant when it is named. */
export async function sealStandings(
  { store, signers, seals, clock }: Pick<Ports, 'store' | 'signers' | 'seals' | 'clock'>,
  tenant?: Institution['tag'],
): Promise<SealStanding[]> {
  const institutions = (await store.listInstitutions()).filter(({ tag }) => !tenant || tag === tenant)
  return Promise.all(
    institutions.map(async (institution): Promise<SealStanding> => {
      try {
        const bought = await seals.keys?.get(institution.slug)
        const key = bought ?? (await signers.active(institution.tag).catch(() => undefined))
        return standingOf(institution, key?.x5c ?? [], bought ? 'trust-service' : 'own-key', clock.now())
      } catch (cause) {
        if (!(cause instanceof Refusal)) throw cause
        const problem = cause.detail ?? cause.message
        return { ...nothingKnown(institution, 'trust-service'), state: 'unusable', problem }
      }
    }),
  )
}

function standingOf(
  institution: Institution,
  x5c: readonly string[],
  source: SealStanding['source'],
  now: Date,
): SealStanding {
  const about = nothingKnown(institution, source)
  try {
    const certificates = x5c.map(readSealCertificate)
    const [leaf] = certificates
    if (!leaf) return { ...about, state: 'unusable', problem: 'There is no certificate.' }
    const ends = Math.min(...certificates.map(({ notAfter }) => notAfter.getTime()))
    const daysLeft = Math.floor((ends - now.getTime()) / day)
    const known = {
      ...about,
      organisation: leaf.organisation,
      claimsQualifiedSeal: leaf.claimsQualifiedSeal,
      endsAt: new Date(ends),
      daysLeft,
    }
    const problem = problemOf(() => checkSealCertificate(leaf, institution, now))
    if (problem !== undefined) return { ...known, state: 'unusable', problem }
    if (daysLeft < 0) return { ...known, state: 'unusable', problem: 'A certificate above it has expired.' }
    return { ...known, state: daysLeft < warningDays ? 'expiring' : 'good' }
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause
    return { ...about, state: 'unusable', problem: cause.message }
  }
}

const nothingKnown = (institution: Institution, source: SealStanding['source']) => ({
  institution,
  source,
  organisation: '',
  claimsQualifiedSeal: false,
})

function problemOf(check: () => void): string | undefined {
  try {
    check()
    return undefined
  } catch (cause) {
    if (cause instanceof Refusal) return cause.message
    throw cause
  }
}
