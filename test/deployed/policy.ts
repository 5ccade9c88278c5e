import * as z from 'zod'
import type { Assembly } from './read-assembly.ts'

const zTexts = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat())
const zStatement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.unknown().optional(),
  Action: zTexts,
  Resource: zTexts,
  Condition: z.record(z.string(), z.record(z.string(), zTexts)).optional(),
})
const zDocument = z.object({ Statement: z.union([zStatement, z.array(zStatement)]) })
export type Statement = z.output<typeof zStatement>

/** One thing a caller asks AWS to let it do. */
export interface Needed {
  action: string
  resource: string
  /** What conditions may ask about. */
  context?: Record<string, string>
}

/** Every statement of the policies of a role. A policy managed by AWS is an error: nobody here knows what it says. */
export function statementsOf(role: string, assembly: Assembly): Statement[] {
  const found = assembly.ofType('AWS::IAM::Role').find(({ name }) => name === role)
  if (!found) throw new Error(`there is no role ${role}`)
  if (found.properties['ManagedPolicyArns']) throw new Error(`${role} has policies that AWS manages`)
  const own = z.array(z.object({ PolicyDocument: zDocument })).default([])
  const apart = assembly
    .ofType('AWS::IAM::Policy')
    .filter(({ properties }) => z.array(z.string()).parse(properties['Roles']).includes(role))
    .map(({ properties }) => ({ PolicyDocument: zDocument.parse(properties['PolicyDocument']) }))
  return [...own.parse(found.properties['Policies']), ...apart].flatMap(({ PolicyDocument }) =>
    [PolicyDocument.Statement].flat(),
  )
}

/** Whether the statements allow it: one does, and none forbids it. A condition that is not understood is an error. */
export function isAllowed(statements: readonly Statement[], needed: Needed): boolean {
  const about = statements.filter(
    ({ Action, Resource, Condition }) =>
      Action.some((pattern) => matches(pattern.toLowerCase(), needed.action.toLowerCase())) &&
      Resource.some((pattern) => matches(pattern, needed.resource)) &&
      holds(Condition, needed),
  )
  return about.some(({ Effect }) => Effect === 'Allow') && !about.some(({ Effect }) => Effect === 'Deny')
}

/** `*` stands for any text, `?` for one character. */
function matches(pattern: string, text: string): boolean {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${escaped}$`, 's').test(text)
}

const operators: Record<string, (wanted: string, found: string) => boolean> = {
  StringEquals: (wanted, found) => wanted === found,
  StringLike: matches,
  ArnEquals: matches,
  ArnLike: matches,
}

function holds(condition: Statement['Condition'], { action, context = {} }: Needed): boolean {
  return Object.entries(condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) => {
      const compare = operators[operator]
      const found = context[key]
      if (!compare || found === undefined)
        throw new Error(`a condition on ${action} is not understood: ${operator} ${key}`)
      return values.some((wanted) => compare(wanted, found))
    }),
  )
}
