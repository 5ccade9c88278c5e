import { expect, test } from 'vitest'
import { runDemo } from '#test/demo/run-demo.ts'
import { teller } from '#test/demo/tell.ts'

test('the whole loop runs over https, with a wallet we did not write and a kill in the middle', async () => {
  const told: string[] = []
  const summary = await runDemo(teller((line) => told.push(line)))

  expect(summary.ontology).toMatchObject({ skills: 154, modules: 33 })
  expect(summary.ontology.digest).toMatch(/^[0-9a-f]{64}$/)
  expect(summary.gap.before.nextModule).toBe(summary.award.module)
  expect(summary.gap.after.personLevels).toBeLessThan(summary.gap.before.personLevels ?? 0)
  expect(summary.path.modules).toContain(summary.award.module)
  expect(summary.practical).toMatchObject({
    site: 'local',
    state: 'graded',
    assurance: 'unsupervised-run',
    environment: 'local',
  })
  for (const { value, threshold } of summary.practical.metrics) {
    expect(value).toBeGreaterThanOrEqual(threshold ?? Number.POSITIVE_INFINITY)
  }
  expect(summary.credentials.map(({ format, verified }) => ({ format, verified }))).toEqual([
    { format: 'dc+sd-jwt', verified: true },
    { format: 'jwt_vc_json', verified: true },
    { format: 'edc', verified: true },
    { format: 'vc+jwt', verified: true },
    { format: 'ob3', verified: true },
  ])
  expect(summary.tampered).toMatchObject({ verified: false, failedCheck: 'signature' })
  expect(summary.foreign).toMatchObject({ verified: false, failedCheck: 'issuer-key' })
  expect(summary.revoked).toMatchObject({ verified: false, failedCheck: 'status' })
  expect(told.filter((line) => /^\n\d+\./.test(line))).toHaveLength(10)
}, 120_000)
