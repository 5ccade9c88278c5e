import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'

const zTemplate = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()) }),
  ),
  Outputs: z
    .record(z.string(), z.object({ Value: z.unknown(), Export: z.object({ Name: z.string() }).optional() }))
    .default({}),
})
const zAssets = z.object({
  files: z.record(z.string(), z.object({ source: z.object({ path: z.string() }) })),
})
const zFunction = z.object({
  Code: z.object({ S3Key: z.string() }),
  Handler: z.string(),
  Timeout: z.number(),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
})
const zRoute = z.object({ RouteKey: z.string(), Target: z.unknown() })

interface AssemblyFunction {
  id: string
  assetFolder: string
  handler: string
  timeoutSeconds: number
  environment: Record<string, string>
}

export interface Assembly {
  functions: AssemblyFunction[]
  /** `METHOD /path` or `$default`, and the function behind it. */
  routes: { key: string; functionId: string }[]
  /** What the tables of the data stack are to be created with. */
  tables: { id: string; name: string; properties: Record<string, unknown> }[]
}

/**
 * Reads the cloud assembly of the two stacks as CloudFormation would: references in the environment of a
 * function become the names given here to the resources, and one that leads nowhere is an error.
 */
export function readAssembly(folder: string, name: string, nameOf: (logicalId: string) => string): Assembly {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'))
  const data = zTemplate.parse(read(`${name}-data.template.json`))
  const api = zTemplate.parse(read(`${name}-api.template.json`))
  const { files } = zAssets.parse(read(`${name}-api.assets.json`))
  const known = { ...data.Resources, ...api.Resources }
  const exported = new Map(
    Object.values(data.Outputs).flatMap(({ Export, Value }) =>
      Export ? [[Export.Name, Value] as const] : [],
    ),
  )

  function resolve(value: unknown): string {
    if (typeof value === 'string') return value
    const reference = z
      .union([
        z.strictObject({ Ref: z.string() }),
        z.strictObject({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) }),
        z.strictObject({ 'Fn::ImportValue': z.string() }),
      ])
      .parse(value)
    if ('Fn::ImportValue' in reference) {
      const target = exported.get(reference['Fn::ImportValue'])
      if (target === undefined) throw new Error(`nothing exports ${reference['Fn::ImportValue']}`)
      return resolve(target)
    }
    const id = 'Ref' in reference ? reference.Ref : reference['Fn::GetAtt'][0]
    if (!known[id]) throw new Error(`there is no resource ${id}`)
    return nameOf(id)
  }

  const ofType = (template: typeof api, type: string) =>
    Object.entries(template.Resources).filter(([, { Type }]) => Type === type)

  return {
    functions: ofType(api, 'AWS::Lambda::Function').map(([id, { Properties }]) => {
      const { Code, Handler, Timeout, Environment } = zFunction.parse(Properties)
      const asset = files[Code.S3Key.replace(/\.zip$/, '')]
      if (!asset) throw new Error(`there is no asset of ${id}`)
      const environment = Object.entries(Environment.Variables).map(([key, value]) => [key, resolve(value)])
      return {
        id,
        assetFolder: join(folder, asset.source.path),
        handler: Handler,
        timeoutSeconds: Timeout,
        environment: Object.fromEntries(environment) as Record<string, string>,
      }
    }),
    routes: ofType(api, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => {
      const { RouteKey, Target } = zRoute.parse(Properties)
      const integration = z
        .object({
          'Fn::Join': z.tuple([
            z.literal(''),
            z.tuple([z.literal('integrations/'), z.object({ Ref: z.string() })]),
          ]),
        })
        .parse(Target)['Fn::Join'][1][1].Ref
      const uri = z
        .object({ IntegrationUri: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }) })
        .parse(known[integration]?.Properties).IntegrationUri
      return { key: RouteKey, functionId: uri['Fn::GetAtt'][0] }
    }),
    tables: ofType(data, 'AWS::DynamoDB::GlobalTable').map(([id, { Properties }]) => ({
      id,
      name: nameOf(id),
      properties: Properties,
    })),
  }
}
