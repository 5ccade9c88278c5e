import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import * as z from 'zod'
import { type Manifest, signManifest } from '#core/practicals/manifest.ts'
import { zArtefact } from './artefact.ts'
import { judgeServing } from './judge-serving.ts'
import { loadWeights } from './load-weights.ts'

// The grader's run: a process of its own, none of whose code or input comes from the learner but one file of
// data. Key and seed come on standard input, never by environment or command line, which others can read.
const zSecret = z.strictObject({
  key: z.string(),
  nonce: z.string(),
  seed: z.int().min(0).max(0xffffffff),
  specHash: z.string(),
  configuration: z.json(),
})
const startedAt = Date.now() / 1000
const secret = zSecret.parse(JSON.parse(readFileSync(0, 'utf8')))
const bytes = readFileSync('artefact/artefact.json')
const artefact = zArtefact.safeParse(JSON.parse(bytes.toString()))
const { sanity, metrics } = await judgeServing(
  loadWeights(),
  artefact.data,
  secret.configuration,
  secret.seed,
)
const manifest: Manifest = {
  iss: 'grade',
  attemptId: process.env['SKA_ATTEMPT'] ?? '',
  runKey: process.env['SKA_RUN_KEY'] ?? '',
  nonce: secret.nonce,
  specHash: secret.specHash,
  artefactSha256: createHash('sha256').update(bytes).digest('hex'),
  sanity,
  metrics,
  startedAt,
  endedAt: Date.now() / 1000,
}
writeFileSync('out/manifest.jws', signManifest(manifest, Buffer.from(secret.key, 'base64url')))
