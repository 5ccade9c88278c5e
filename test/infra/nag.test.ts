import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { App } from 'aws-cdk-lib'
import { beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { academyApp, synthesizeJudged } from '../../infra/academy-app.ts'
import { type Deployment, parseDeployment } from '../../infra/deployment.ts'
import { example, fullest } from './templates.ts'

const zAcknowledged = z.object({ acknowledgedId: z.string(), acknowledgedAt: z.string() })
const zReport = z.object({
  pluginReports: z.array(
    z.object({
      pluginName: z.string(),
      conclusion: z.string(),
      violations: z.array(z.unknown()),
      suppressedViolations: z.array(zAcknowledged).optional(),
    }),
  ),
})

interface Judged {
  /** Judges who found something, each with how many findings nobody has acknowledged. */
  found: [judge: string, conclusion: string, open: number][]
  /** Construct and id of each acknowledgement, with its reason. */
  written: Map<string, string>
  /** Those of them that a finding met. */
  used: Set<string>
}

const folders: string[] = []

/** What cdk-nag says of a deployment; it throws where `npm run synth` would stop. */
function judge(deployment: Deployment, context: object): Judged {
  const outdir = mkdtempSync(join(tmpdir(), 'academy-judged-'))
  folders.push(outdir)
  const app = academyApp([deployment], () => 'infra/bundled', { outdir, context: { ...context } })
  synthesizeJudged(app)
  const { pluginReports } = zReport.parse(
    JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')),
  )
  const met = pluginReports.flatMap(({ suppressedViolations = [] }) => suppressedViolations)
  return {
    found: pluginReports.map(({ pluginName, conclusion, violations }) => [
      pluginName,
      conclusion,
      violations.length,
    ]),
    written: acknowledgements(app),
    used: new Set(met.map(({ acknowledgedAt, acknowledgedId }) => `${acknowledgedAt} ${acknowledgedId}`)),
  }
}

function acknowledgements(app: App): Map<string, string> {
  const written = new Map<string, string>()
  for (const { node } of app.node.findAll()) {
    for (const { type, data } of node.metadata) {
      if (type !== 'aws:cdk:acknowledged-rules') continue
      for (const [id, reason] of Object.entries(z.record(z.string(), z.string()).parse(data)))
        written.set(`${node.path} ${id}`, reason)
    }
  }
  return written
}

// Each way to be reached: by API Gateway with a name, by CloudFront, and by whatever an operator puts in front.
let judged: Judged[]
beforeAll(() => {
  judged = [judge(fullest, {}), judge(fullest, { edge: true }), judge(parseDeployment(example), {})]
  return () => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  }
})

test('cdk-nag has nothing open on the fullest deployment, with and without CloudFront, nor on the least', () => {
  expect(judged.map(({ found }) => found)).toEqual(Array(3).fill([['AwsSolutions', 'success', 0]]))
})

test('each finding that is accepted has a reason, in a sentence', () => {
  const reasons = judged.flatMap(({ written }) => [...written.values()])
  expect(reasons.length).toBeGreaterThan(20)
  for (const reason of reasons) expect(reason).toMatch(/^[A-Z].{30,}\.$/)
})

test('nothing is accepted that no deployment has: such an acknowledgement would hide a finding to come', () => {
  const used = new Set(judged.flatMap((one) => [...one.used]))
  const unused = judged.flatMap(({ written }) => [...written.keys()]).filter((each) => !used.has(each))
  expect([...new Set(unused)]).toEqual([])
})
