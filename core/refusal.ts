/**
 * Every expected "no" of the academy. Codes are part of the public interface: add, never rename.
 * Each edge maps them in a table ending `satisfies Record<RefusalCode, …>`, so a new code does not
 * compile until every edge has an answer for it.
 */
export const refusalCodes = [
  'not_signed_in',
  'token_invalid',
  'token_expired',
  'not_allowed',
  'not_found',
  'invalid_input',
  'request_conflict',
  'state_conflict',
  'too_many_requests',
  'too_large',
  'already_enrolled',
  'offering_full',
  'already_awarded',
  'not_enrolled',
  'entry_skills_missing',
  'module_has_no_practical',
  'practical_already_running',
  'practical_not_started',
  'site_unavailable',
  'quota_exceeded',
  'budget_exceeded',
  'evidence_not_allowed',
  'award_not_valid',
  'offer_not_open',
  'snapshot_missing',
  'four_eyes_required',
  'ontology_not_sound',
  'credential_incomplete',
  'certificate_unusable',
  'time_stamp_unavailable',
  'signing_key_unavailable',
  'storage_full',
  'storage_busy',
] as const
export type RefusalCode = (typeof refusalCodes)[number]

/**
 * An expected no. The message is safe to show to anybody: it names the field, never the value.
 * `detail` and `cause` are for the log.
 */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly field: string | undefined
  readonly detail: string | undefined

  constructor(
    code: RefusalCode,
    message: string,
    more: { field?: string; detail?: string; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'Refusal'
    this.code = code
    this.field = more.field
    this.detail = more.detail
  }
}
