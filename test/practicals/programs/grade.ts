import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { type Manifest, signManifest } from '#core/practicals/manifest.ts'

// A grade run that measures what the test's configuration tells it to, and lies where the test wants a lie.
const secret = JSON.parse(readFileSync(0, 'utf8')) as Record<string, string> & {
  configuration: { mode: string }
}
const { mode } = secret.configuration
const bytes = readFileSync('artefact/artefact.json')
if (mode === 'grade-fails') process.exit(4)
const now = Date.now() / 1000
const manifest: Manifest = {
  iss: 'grade',
  attemptId: process.env['SKA_ATTEMPT'] ?? '',
  runKey: process.env['SKA_RUN_KEY'] ?? '',
  nonce: secret['nonce'] ?? '',
  specHash: secret['specHash'] ?? '',
  graderSha256: secret['graderSha256'] ?? '',
  hardware: { cpu: 'test', cores: 1, memoryGiB: 1 },
  artefactSha256: createHash('sha256').update(bytes).digest('hex'),
  sanity: [
    'configuration_unchanged',
    'artefact_reproduced',
    'answers_complete',
    'outputs_match_reference',
  ].map((name) => ({ name, held: !(mode === 'insane' && name === 'outputs_match_reference') })),
  metrics: [{ name: 'tokens_per_second_ratio', value: mode === 'slow' ? 1 : 2, unit: '1' }],
  startedAt: now,
  endedAt: now,
}
const key = mode === 'forged' ? Buffer.alloc(32, 7) : Buffer.from(secret['key'] ?? '', 'base64url')
writeFileSync('out/manifest.jws', signManifest(manifest, key))
