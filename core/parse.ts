import * as z from 'zod'
import { type IdKind, type IdOf, isId } from './ids.ts'
import { Refusal } from './refusal.ts'

/**
 * Untrusted to typed. A bad value becomes one refusal `invalid_input` that names the first bad field
 * (dotted path) and what is wrong with it, never the value itself.
 */
export function parse<T extends z.ZodType>(shape: T, input: unknown): z.output<T> {
  const result = shape.safeParse(input)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const field = issue?.path.join('.') || 'input'
  throw new Refusal('invalid_input', `${field}: ${messageOf(issue)}`, { field })
}

// zod quotes the received value for some issues; these words never do.
function messageOf(issue: z.core.$ZodIssue | undefined): string {
  switch (issue?.code) {
    case 'invalid_type':
      return `must be ${issue.expected}`
    case 'too_big':
      return `must be at most ${issue.maximum}`
    case 'too_small':
      return `must be at least ${issue.minimum}`
    case 'unrecognized_keys':
      return 'has a member that is not known'
    case 'invalid_value':
      return 'is not one of the allowed values'
    case 'custom':
      return issue.message
    default:
      return 'has the wrong form'
  }
}

/** An id of one kind, as text from outside. */
export function zId<K extends IdKind>(kind: K) {
  return z.custom<IdOf<K>>(
    (value) => typeof value === 'string' && isId(value, kind),
    `must be an id of kind ${kind}`,
  )
}

/** Chosen by the caller to make a mutation safe to repeat: 8 to 64 characters of letters, digits, `-` and `_`. */
export const zRequestId = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/)
export type RequestId = z.output<typeof zRequestId>

const mostLevels = 8

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((member) => isShallow(member, levels - 1))
}

/** JSON of at most eight levels: whoever walks a deeper value may run out of stack. */
export const zShallowJson = z
  .unknown()
  .refine((value) => isShallow(value, mostLevels), `must be at most ${mostLevels} levels deep`)
  .pipe(z.json())

/** Slugs of the ontology: `^[a-z0-9]+(-[a-z0-9]+)*$`, at most 80 characters. */
export const zSlug = z
  .string()
  .max(80)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)

export const zLevel = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)])
