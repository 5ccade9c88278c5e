import * as z from 'zod'
import type { Message } from '#core/ports.ts'

const oneLine = z.string().regex(/^[^\r\n\0]*$/, 'must be one line')

/** A message as every way out takes it: one line where a line break would begin another header. */
export const zMessage = z.object({
  to: oneLine
    .min(3)
    .max(320)
    .regex(/^[^\s@]+@[^\s@]+$/),
  subject: oneLine.min(1).max(200),
  text: z.string().max(20_000),
  language: z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/),
  reference: z
    .string()
    .regex(/^[a-z0-9-]{1,80}$/)
    .exactOptional(),
}) satisfies z.ZodType<Message>
