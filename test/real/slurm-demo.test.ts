import { expect, onTestFinished, test } from 'vitest'
import { runDemo } from '#test/demo/run-demo.ts'
import { slurmSite } from '#test/demo/slurm-site.ts'
import { teller } from '#test/demo/tell.ts'
import { engineSetting } from '#test/slurm/real-site.ts'

test('npm run demo -- --site slurm: the whole loop, and the credential says where and how the practical was graded', async () => {
  // The address alone, as somebody would type it who has started the Slurm of this clone.
  const site = slurmSite({ SLURM_REST_URL: engineSetting('REST_URL') })
  onTestFinished(() => site.end())
  const summary = await runDemo(
    teller((line) => console.log(line)),
    { site },
  )
  expect(summary.evidence).toMatchObject({
    site: 'slurm',
    partition: 'academy',
    gpus: 0,
    environment: 'site',
    specDigest: expect.stringMatching(/^sha-256:[0-9a-f]{64}$/),
    assurance: 'graded-separately',
    assuranceLevel: 2,
    metrics: [{ name: 'tokens_per_second_ratio', unit: '1', threshold: 1.3 }],
  })
  expect(summary.practical).toMatchObject({ site: 'slurm', state: 'graded', assurance: 'graded-separately' })
  expect(summary.credentials.map(({ verified }) => verified)).toEqual([true, true, true, true, true])
  expect(summary.revoked).toMatchObject({ verified: false, failedCheck: 'status' })
}, 300_000)
