import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import * as z from 'zod'
import { signManifest } from '#core/practicals/manifest.ts'
import { hashPrograms } from './hash-programs.ts'

export interface Judgement {
  sanity: { name: string; held: boolean }[]
  metrics: { name: string; value: number; unit: string }[]
}

export interface Grading {
  /** What the work run handed over: plain data of somebody we do not trust. */
  artefact: Uint8Array
  /** What the learner handed in, from the academy's own record. */
  configuration: unknown
  /** Chooses the hidden inputs; the same for every retry of an attempt. */
  seed: number
}

// Key and seed come on standard input, never by environment or command line, which others can read.
const zSecret = z.strictObject({
  key: z.string(),
  nonce: z.string(),
  seed: z.int().min(0).max(0xffffffff),
  specHash: z.string(),
  graderSha256: z.string(),
  configuration: z.json(),
})

/**
 * The grader's run of a practical: reads secret and artefact, has them judged and leaves the signed manifest. Ends
 * with an error, which costs the learner nothing, when its own programs are not those the academy pins.
 */
export async function gradeRun(id: string, judge: (grading: Grading) => Promise<Judgement>): Promise<void> {
  const startedAt = Date.now() / 1000
  const secret = zSecret.parse(JSON.parse(readFileSync(0, 'utf8')))
  const graderSha256 = hashPrograms(id, 'grade')
  if (graderSha256 !== secret.graderSha256) throw new Error('these are not the programs the academy pins')
  const artefact = readFileSync('artefact/artefact.json')
  const { configuration, seed, key } = secret
  const { sanity, metrics } = await judge({ artefact, configuration, seed })
  // Its file was held against this digest before anything ran in it.
  const image = process.env['SKA_BOX_SHA256']
  const manifest = signManifest(
    {
      iss: 'grade',
      attemptId: process.env['SKA_ATTEMPT'] ?? '',
      runKey: process.env['SKA_RUN_KEY'] ?? '',
      nonce: secret.nonce,
      specHash: secret.specHash,
      graderSha256,
      ...(image ? { imageDigest: `sha256:${image}` } : {}),
      artefactSha256: createHash('sha256').update(artefact).digest('hex'),
      hardware: {
        cpu: (cpus()[0]?.model ?? 'unknown').slice(0, 200),
        cores: availableParallelism(),
        memoryGiB: Math.round(totalmem() / 2 ** 30),
      },
      sanity,
      metrics,
      startedAt,
      endedAt: Date.now() / 1000,
    },
    Buffer.from(key, 'base64url'),
  )
  writeFileSync('out/manifest.jws', manifest)
}

/** JSON of the artefact; `undefined` when it is none. */
export function parseArtefact(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString())
  } catch {
    return undefined
  }
}
