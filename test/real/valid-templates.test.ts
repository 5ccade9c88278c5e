import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
// Common JavaScript, whose names Node does not see.
import validate from '@aws/cloudformation-validate'
import { CfnResource, Stack } from 'aws-cdk-lib'
import { expect, onTestFinished, test, vi } from 'vitest'
import { academyApp, synthesizeJudged } from '../../infra/academy-app.ts'
import { type Deployment, parseDeployment } from '../../infra/deployment.ts'
import { example, fullest } from '../infra/templates.ts'

/**
 * Redundant `DependsOn`, which the CDK writes beside every role of a function; its own run of the same rules
 * passes over them too. Nothing else is left out but advice (`INFO`).
 */
const left: validate.ValidateConfig = { severityLevel: 'WARN', exclude: { ids: ['W3005'] } }

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'academy-valid-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** What `@aws/cloudformation-validate` says of templates, each in its region. */
function findings(templates: { file: string; region: string }[]): string[] {
  const engine = new validate.CelEngine()
  try {
    return templates.flatMap(({ file, region }) =>
      engine
        .validateStandard(new validate.TemplateFile(file), { ...left, pseudoParameterOverrides: { region } })
        .diagnostics.map(({ ruleId, entity, message }) => `${ruleId} ${entity?.logicalId}: ${message}`),
    )
  } finally {
    engine.free()
  }
}

/** The templates `npm run synth` would write. */
function synthesized(deployment: Deployment, context: object = {}) {
  const app = academyApp([deployment], () => 'infra/bundled', { outdir: folder(), context: { ...context } })
  return app.synth().stacks.map(({ templateFullPath, environment }) => ({
    file: templateFullPath,
    // A stack for any region is judged in one.
    region: environment.region.startsWith('unknown') ? 'eu-central-1' : environment.region,
  }))
}

test('CloudFormation would take every template of the least and of the fullest deployment', () => {
  const templates = [
    ...synthesized(parseDeployment(example)),
    ...synthesized(fullest),
    ...synthesized(fullest, { edge: true }),
  ]
  expect(templates).toHaveLength(16)
  expect(findings(templates)).toEqual([])
})

test('it would not take a queue that hides a message for ever, nor one that names what is not there', () => {
  const file = join(folder(), 'wrong.template.json')
  const queue = (Properties: object) => ({ Type: 'AWS::SQS::Queue', Properties })
  const Resources = {
    Late: queue({ VisibilityTimeout: 1_000_000 }),
    Lost: queue({ KmsMasterKeyId: { Ref: 'Nothing' } }),
  }
  writeFileSync(file, JSON.stringify({ Resources }))
  const found = findings([{ file, region: 'eu-central-1' }])
  expect(found.join('\n')).toMatch(/Late: .*43200/)
  expect(found.join('\n')).toMatch(/Lost: .*Nothing/)
})

test('the synthesis itself stops at what CloudFormation would not take', () => {
  // As an operator runs it, not as the other tests of templates do.
  vi.stubEnv('CDK_VALIDATION', undefined)
  onTestFinished(() => void vi.unstubAllEnvs())
  const app = academyApp([], () => '', { outdir: folder() })
  new CfnResource(new Stack(app, 'wrong'), 'Late', {
    type: 'AWS::SQS::Queue',
    properties: { VisibilityTimeout: 1_000_000 },
  })
  expect(() => synthesizeJudged(app)).toThrow(/VisibilityTimeout/)
})
