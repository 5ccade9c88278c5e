import { createHmac, timingSafeEqual } from 'node:crypto'
import * as z from 'zod'
import type { Delivery } from './run.ts'

const zSha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** What a grade job says it measured; signed with a key that lives for this one run. */
const zManifest = z.strictObject({
  iss: z.literal('grade'),
  attemptId: z.string().max(100),
  runKey: z.string().max(100),
  nonce: z.string().max(100),
  specHash: zSha256,
  /** Of the programs the grader was started from. */
  graderSha256: zSha256,
  /** Of the image in which the learner's programs were shut in, where the site uses one. */
  imageDigest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .exactOptional(),
  /** SHA-256 of the work run's artefact as the grader saw it. */
  artefactSha256: zSha256,
  /** What the grader saw of its machine: for whoever looks into a run, never for the evidence. */
  hardware: z.strictObject({ cpu: z.string().max(200), cores: z.number(), memoryGiB: z.number() }),
  sanity: z.array(z.strictObject({ name: z.string().max(64), held: z.boolean() })).max(20),
  metrics: z
    .array(z.strictObject({ name: z.string().max(64), value: z.number(), unit: z.string().max(16) }))
    .max(20),
  /** Seconds since 1970. */
  startedAt: z.number(),
  endedAt: z.number(),
})
export type Manifest = z.output<typeof zManifest>

const header = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'manifest+jwt' })).toString('base64url')

const tagOf = (input: string, key: Uint8Array) => createHmac('sha256', key).update(input).digest()

/** RFC 7515 compact serialisation with HS256. */
export function signManifest(manifest: Manifest, key: Uint8Array): string {
  const input = `${header}.${Buffer.from(JSON.stringify(manifest)).toString('base64url')}`
  return `${input}.${tagOf(input, key).toString('base64url')}`
}

const expectedExactly = [
  'attemptId',
  'runKey',
  'nonce',
  'specHash',
  'graderSha256',
  'imageDigest',
  'artefactSha256',
] as const

/** What must be so for a manifest to be about this run. */
export interface ManifestExpectation {
  attemptId: string
  runKey: string
  nonce: string
  specHash: string
  graderSha256: string
  imageDigest: string | undefined
  artefactSha256: string
  /** The scheduler's window; the manifest may leave it by a minute, as clocks do. */
  startedAt: Date
  endedAt: Date
  /** Largest value that can be real, by metric. */
  bounds: Readonly<Record<string, number>>
}

/** Checks a manifest against what we know ourselves. Anything odd makes it invalid; the reason is for the log. */
export function verifyManifest(
  text: string,
  key: Uint8Array,
  expected: ManifestExpectation,
  sha256: string,
): Delivery {
  const no = (reason: string): Delivery => ({ verdict: 'invalid', reason })
  const parts = text.split('.')
  // Only the one header we write is accepted, so there is no algorithm to choose.
  if (parts.length !== 3 || parts[0] !== header) return no('header')
  const tag = Buffer.from(parts[2] ?? '', 'base64url')
  const own = tagOf(`${parts[0]}.${parts[1]}`, key)
  if (tag.length !== own.length || !timingSafeEqual(tag, own)) return no('signature')
  const read = zManifest.safeParse(parseJson(Buffer.from(parts[1] ?? '', 'base64url').toString()))
  if (!read.success) return no('shape')
  const manifest = read.data
  for (const name of expectedExactly) if (manifest[name] !== expected[name]) return no(name)
  const slack = 60
  if (manifest.startedAt < expected.startedAt.getTime() / 1000 - slack) return no('startedAt')
  if (manifest.endedAt > expected.endedAt.getTime() / 1000 + slack) return no('endedAt')
  if (manifest.endedAt < manifest.startedAt) return no('endedAt')
  for (const { name, value } of manifest.metrics) {
    const bound = Object.hasOwn(expected.bounds, name) ? expected.bounds[name] : undefined
    if (value < 0 || (bound !== undefined && value > bound)) return no(`metric ${name}`)
  }
  return { verdict: 'valid', sha256, claims: { sanity: manifest.sanity, metrics: manifest.metrics } }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
