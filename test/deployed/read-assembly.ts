import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { arnOf, attributeOf, nameOf, referenceTo } from './names.ts'

const zTemplate = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
  ),
  Outputs: z
    .record(z.string(), z.object({ Value: z.unknown(), Export: z.object({ Name: z.string() }).optional() }))
    .default({}),
})
const zAssets = z.object({
  files: z.record(z.string(), z.object({ source: z.object({ path: z.string() }) })),
})

/** A resource of a template with every reference in its properties followed. */
export interface CloudResource {
  logicalId: string
  type: string
  /** As AWS would have called it; what the template names keeps that name. */
  name: string
  arn: string
  properties: Record<string, unknown>
}

/** What CloudFormation would make of an assembly. */
export interface Assembly {
  ofType(type: string): CloudResource[]
  /** The resource an address is of. */
  byArn(arn: string): CloudResource | undefined
  /** The folder a function's code lies in, by the name of its asset. */
  assetFolder(s3Key: string): string
}

/** What every deployment here is in. */
export const place = { region: 'eu-central-1', account: '123456789012', partition: 'aws' } as const

/**
 * Reads a cloud assembly as CloudFormation would: every reference is followed, between stacks too, and one
 * that leads nowhere or asks for something unknown is an error. `run` tells deployments of the same assembly
 * apart; `queueUrl` is the address of the stand-in for queues.
 */
export function readAssembly(folder: string, { run, queueUrl }: { run: string; queueUrl: string }): Assembly {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'))
  const files = readdirSync(folder)
  const templates = files
    .filter((file) => file.endsWith('.template.json'))
    .map((file) => ({ file, stack: file.replace('.template.json', ''), ...zTemplate.parse(read(file)) }))
  const assets = files
    .filter((file) => file.endsWith('.assets.json'))
    .flatMap((file) => Object.entries(zAssets.parse(read(file)).files))
  const exported = new Map(
    templates.flatMap((template) =>
      Object.values(template.Outputs).flatMap(({ Export, Value }) =>
        Export ? [[Export.Name, { template, Value }] as const] : [],
      ),
    ),
  )
  const made = new Map<string, CloudResource>()

  function resource(template: (typeof templates)[number], logicalId: string): CloudResource {
    const key = `${template.stack}/${logicalId}`
    const known = made.get(key)
    if (known) return known
    const found = template.Resources[logicalId]
    if (!found) throw new Error(`${template.file}: there is no resource ${logicalId}`)
    const { Type: type, Properties } = found
    const name = nameOf(type, logicalId, Properties, run)
    const one: CloudResource = { logicalId, type, name, arn: arnOf(type, name), properties: {} }
    // Known before its properties are read: they may lead back to it.
    made.set(key, one)
    Object.assign(one.properties, resolve(template, Properties))
    return one
  }

  function resolve(template: (typeof templates)[number], value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => resolve(template, item))
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value)
    const [first] = entries
    if (entries.length === 1 && first && (first[0] === 'Ref' || first[0].startsWith('Fn::')))
      return intrinsic(template, first[0], first[1])
    return Object.fromEntries(entries.map(([name, item]) => [name, resolve(template, item)]))
  }

  function intrinsic(template: (typeof templates)[number], name: string, argument: unknown): unknown {
    switch (name) {
      case 'Ref': {
        const id = z.string().parse(argument)
        return pseudo(template.stack, id) ?? referenceTo(resource(template, id), queueUrl)
      }
      case 'Fn::GetAtt': {
        const [id, attribute] = z.tuple([z.string(), z.string()]).parse(argument)
        return attributeOf(resource(template, id), attribute)
      }
      case 'Fn::ImportValue': {
        const from = exported.get(z.string().parse(resolve(template, argument)))
        if (!from) throw new Error(`${template.file}: nothing exports ${JSON.stringify(argument)}`)
        return resolve(from.template, from.Value)
      }
      case 'Fn::GetStackOutput': {
        const { StackName, OutputName } = z
          .object({ StackName: z.string(), OutputName: z.string() })
          .parse(argument)
        const from = templates.find(({ stack }) => stack === StackName)
        if (from?.Outputs[OutputName] === undefined)
          throw new Error(`${template.file}: ${StackName} has no output ${OutputName}`)
        return resolve(from, from.Outputs[OutputName].Value)
      }
      case 'Fn::Join': {
        const [separator, parts] = z.tuple([z.string(), z.array(z.unknown())]).parse(argument)
        return parts.map((part) => z.string().parse(resolve(template, part))).join(separator)
      }
      case 'Fn::Split': {
        const [separator, text] = z.tuple([z.string(), z.unknown()]).parse(argument)
        return z.string().parse(resolve(template, text)).split(separator)
      }
      case 'Fn::Select': {
        const [at, list] = z.tuple([z.coerce.number(), z.unknown()]).parse(argument)
        return z.array(z.unknown()).parse(resolve(template, list))[at]
      }
      case 'Fn::Sub':
        return z
          .string()
          .parse(argument)
          .replace(/\$\{([^}.]+)(?:\.([^}]+))?\}/g, (_all, id: string, attribute?: string) =>
            String(
              attribute === undefined
                ? intrinsic(template, 'Ref', id)
                : intrinsic(template, 'Fn::GetAtt', [id, attribute]),
            ),
          )
      default:
        throw new Error(`${template.file}: ${name} is not understood`)
    }
  }

  const all = () =>
    templates.flatMap((template) => Object.keys(template.Resources).map((id) => [template, id] as const))
  return {
    ofType: (type) =>
      all()
        .filter(([template, id]) => template.Resources[id]?.Type === type)
        .map(([template, id]) => resource(template, id)),
    byArn: (arn) => [...made.values()].find((one) => one.arn === arn),
    assetFolder(s3Key) {
      const asset = assets.find(([hash]) => `${hash}.zip` === s3Key)?.[1]
      if (!asset) throw new Error('a function has no asset in the assembly')
      return join(folder, asset.source.path)
    },
  }
}

function pseudo(stack: string, id: string): string | undefined {
  const known: Record<string, string> = {
    'AWS::Region': place.region,
    'AWS::AccountId': place.account,
    'AWS::Partition': place.partition,
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': stack,
  }
  return known[id]
}
