import * as z from 'zod'
import type { Person } from './learner.ts'

/**
 * A name in any script, as its bearer writes it: in composed form, without control characters and without
 * the signs that turn the direction of what follows.
 */
const zName = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]*$/u)
  .transform((name) => name.normalize('NFC').replaceAll(/\s+/gu, ' '))

/** What is written down of a person from outside. */
export const zPerson = z.object({
  givenName: zName,
  familyName: zName,
  email: z
    .string()
    .trim()
    .min(3)
    .max(320)
    .regex(/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u),
}) satisfies z.ZodType<Person>
