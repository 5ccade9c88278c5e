import * as z from 'zod'
import {
  defaultInstitutionSettings,
  type InstitutionSettings,
  type InstitutionSettingsStore,
} from '#core/institutions/institution-settings.ts'
import { Refusal } from '#core/refusal.ts'
import { writeAudited } from './audit.ts'
import { keys } from './keys.ts'
import type { StoreParts } from './store-parts.ts'
import { fromItem, toData } from './z-items.ts'

const zSettings = z.object({
  fourEyes: z.boolean(),
  endAskedBy: z.string().exactOptional(),
  version: z.int().min(1),
}) satisfies z.ZodType<InstitutionSettings>

/** What institutions have chosen for themselves: one item each, once something was chosen. */
export function institutionSettingsStore(parts: StoreParts): InstitutionSettingsStore {
  return {
    async institutionSettings(tenant) {
      const item = await parts.records.get(keys.institutionSettings(tenant))
      return item ? fromItem(zSettings, 'settings of an institution', item) : defaultInstitutionSettings
    },

    async saveInstitutionSettingsOnce(request, settings, audit) {
      const { version } = settings
      const put = { ...keys.institutionSettings(request.tenant), version, data: toData(settings) }
      const condition = version === 1 ? ('absent' as const) : { version: version - 1 }
      const { outcome } = await writeAudited(parts, request, null, [{ put, if: condition }], audit)
      if (outcome === 'failed') {
        throw new Refusal(
          'state_conflict',
          'The settings have changed since they were read; look at them again.',
        )
      }
    },
  }
}
