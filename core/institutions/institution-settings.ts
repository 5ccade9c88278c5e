import * as z from 'zod'
import { type Actor, authorise } from '#core/access/operations.ts'
import type { AuditBody } from '#core/audit/audit.ts'
import type { TenantTag } from '#core/ids.ts'
import { zRequestId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { requestOf } from '#core/requests.ts'
import type { Request } from '#core/store.ts'

/** What an institution has chosen for itself. */
export interface InstitutionSettings {
  /** A second registrar must agree before the status of an award changes or an award is corrected. */
  fourEyes: boolean
  /** A registrar who wants `fourEyes` to end; a second one must ask for it, too. */
  endAskedBy?: string
  version: number
}

export const defaultInstitutionSettings: InstitutionSettings = { fourEyes: false, version: 0 }

export interface InstitutionSettingsStore {
  /** What was chosen, or the defaults. Consistent. */
  institutionSettings(tenant: TenantTag): Promise<InstitutionSettings>
  /** Writes them if nobody did since `version` was read; else `state_conflict`. */
  saveInstitutionSettingsOnce(
    request: Request,
    settings: InstitutionSettings,
    audit: AuditBody,
  ): Promise<void>
}

export const zChangeInstitutionSettings = z.strictObject({ requestId: zRequestId, fourEyes: z.boolean() })

/**
 * Changes what an institution has chosen. One registrar can ask for four eyes; two different ones must ask
 * before they end, or the one who is watched could send the other away.
 */
export async function changeInstitutionSettings(
  actor: Actor | undefined,
  { requestId, fourEyes }: z.output<typeof zChangeInstitutionSettings>,
  { store }: Pick<Ports, 'store'>,
): Promise<InstitutionSettings> {
  if (!actor) throw new Refusal('not_signed_in', 'Sign in first: this needs an access token.')
  const { tenant, subject } = actor
  authorise(actor, 'changeInstitution', { tenant })
  const request = requestOf(actor, 'changeInstitutionSettings', tenant, requestId, { fourEyes })
  const before = await store.institutionSettings(tenant)
  if (await store.wasAnswered(request)) return before
  const after = afterAsking(before, fourEyes, subject)
  if (!after) return before
  await store.saveInstitutionSettingsOnce(request, after, {
    action: 'settings.change',
    by: subject,
    about: tenant,
    detail: { fourEyes: after.fourEyes, endAsked: after.endAskedBy !== undefined },
  })
  return after
}

function afterAsking(
  { fourEyes: now, endAskedBy, version }: InstitutionSettings,
  wanted: boolean,
  subject: string,
): InstitutionSettings | undefined {
  if (wanted) return now && endAskedBy === undefined ? undefined : { fourEyes: true, version: version + 1 }
  if (!now || endAskedBy === subject) return undefined
  if (endAskedBy === undefined) return { fourEyes: true, endAskedBy: subject, version: version + 1 }
  return { fourEyes: false, version: version + 1 }
}
