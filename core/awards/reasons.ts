import * as z from 'zod'
import { Refusal } from '#core/refusal.ts'
import type { ReasonCode } from './award.ts'

/** A reason in words: kept for the institution's own record, never shown to the public. */
export const zReason = z
  .string()
  .trim()
  .min(3)
  .max(500)
  .regex(/^\P{Cc}*$/u)

export function refuseUnlessReasonOf(allowed: readonly ReasonCode[], code: ReasonCode): void {
  if (allowed.includes(code)) return
  throw new Refusal('invalid_input', `reasonCode: must be one of ${allowed.join(', ')}.`, {
    field: 'reasonCode',
  })
}
