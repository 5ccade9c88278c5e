import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { isTenantTag, type TenantTag } from '#core/ids.ts'
import type { Institution } from '#core/institutions/institution.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { BadSettings } from './settings.ts'

const zName = z.string().min(1).max(300)
const zInstitutions = z.strictObject({
  institutions: z
    .array(
      z.strictObject({
        tag: z.custom<TenantTag>(
          (value) => typeof value === 'string' && isTenantTag(value),
          'must be eight characters of a to z and 2 to 7',
        ),
        slug: z
          .string()
          .max(80)
          .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be small letters, digits and hyphens'),
        name: z.object({ en: zName, fr: zName }).catchall(zName),
        country: z.string().regex(/^[A-Z]{2}$/, 'must be a country of ISO 3166-1'),
        legalIdentifier: z.string().min(3).max(100),
        homepage: z.url({ protocol: /^https$/ }).max(300),
      }),
    )
    .min(1)
    .max(200),
})

/** The institutions a file names. Throws `BadSettings`, which names the place of each mistake, never the value. */
export function readInstitutionsFile(file: string): Institution[] {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new BadSettings(['INSTITUTIONS_FILE: must name a readable JSON file'])
  }
  const result = zInstitutions.safeParse(content)
  if (result.success) return result.data.institutions
  throw new BadSettings(
    result.error.issues.map(({ path, message }) => `INSTITUTIONS_FILE: ${path.join('.')}: ${message}`),
  )
}

/**
 * Makes the institutions of `INSTITUTIONS_FILE` that are not there yet; the others stay as they were made. An
 * academy for others must have one: without, nobody who signs in belongs anywhere.
 */
export async function foundInstitutions(
  { institutionsFile, production }: { institutionsFile: string | undefined; production: boolean },
  { store }: Pick<Ports, 'store'>,
): Promise<void> {
  for (const institution of institutionsFile === undefined ? [] : readInstitutionsFile(institutionsFile)) {
    try {
      await store.saveInstitutionOnce(institution)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      throw new BadSettings(['INSTITUTIONS_FILE: slug: an institution of another tag has it already'])
    }
  }
  if (production && (await store.listInstitutions()).length === 0)
    throw new BadSettings(['INSTITUTIONS_FILE: must name the institutions, as there are none yet'])
}
