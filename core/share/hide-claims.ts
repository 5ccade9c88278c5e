import type { Primitives } from '#core/ports.ts'
import { type Disclosure, parseSdJwt } from '#core/sd-jwt/sd-jwt.ts'
import type { SharePart } from './share-link.ts'

/** Claims of our SD-JWT VC by the part they belong to. What is in no part, as the learner's number, is never shared. */
const claimsOf: Record<Exclude<SharePart, 'skills' | 'evidence'>, readonly string[]> = {
  name: ['given_name', 'family_name'],
  grade: ['assessment_grade', 'assessment_type'],
  outcomes: ['learning_outcomes'],
  course: [
    'expected_study_time',
    'ects_credits',
    'level_of_learning_experience',
    'form_of_participation',
    'supervision',
    'isced_f',
    'types_of_quality_assurance',
    'prerequisites_to_enroll',
    'integration_stackability_options',
  ],
}

/**
 * The same SD-JWT with only the disclosures of the chosen parts. Nothing is added or changed, so the
 * issuer's signature holds for the rest.
 */
export async function showOnly(
  sdJwt: string,
  show: readonly SharePart[],
  primitives: Pick<Primitives, 'sha256'>,
): Promise<string> {
  const { jws, disclosures } = parseSdJwt(sdJwt)
  const names = new Set(
    show.flatMap((part) => (part === 'skills' || part === 'evidence' ? [] : claimsOf[part])),
  )
  // Skills and evidence are array elements: nameless, known only by the list their digest stands in.
  const digests = new Set(
    show.flatMap((part) => (part === 'skills' || part === 'evidence' ? digestsIn(jws.payload[part]) : [])),
  )
  const kept: string[] = []
  for (const disclosure of disclosures) {
    if (await isShown(disclosure, names, digests, primitives)) kept.push(disclosure.text)
  }
  return [sdJwt.split('~', 1)[0], ...kept, ''].join('~')
}

async function isShown(
  { name, text }: Disclosure,
  names: ReadonlySet<string>,
  digests: ReadonlySet<string>,
  primitives: Pick<Primitives, 'sha256'>,
): Promise<boolean> {
  if (name !== undefined) return names.has(name)
  return digests.has(await primitives.sha256(text))
}

function digestsIn(list: unknown): string[] {
  if (!Array.isArray(list)) return []
  return list
    .map((element: unknown) => (element as { '...'?: unknown } | null)?.['...'])
    .filter((digest) => typeof digest === 'string')
}
