import * as z from 'zod'
import { type Actor, authorise } from '#core/access/operations.ts'
import { zRequestId, zSlug } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { requestOf } from '#core/requests.ts'
import type { Offering } from './offering.ts'

/** What an edge parses before it calls `createOffering`. */
export const zCreateOffering = z.strictObject({
  requestId: zRequestId,
  moduleId: zSlug,
  startsOn: z.iso.date(),
  endsOn: z.iso.date(),
  language: z.string().regex(/^[a-z]{2,3}$/),
  seats: z.int().min(1).max(100_000),
  allowsLocalEvidence: z.boolean().default(false),
})
export type CreateOffering = z.output<typeof zCreateOffering>

const longestDays = 5 * 366

/** Opens a dated run of a module at the caller's institution. */
export async function createOffering(
  actor: Actor | undefined,
  { requestId, ...input }: CreateOffering,
  ports: Pick<Ports, 'store' | 'ontology' | 'random'>,
): Promise<Offering> {
  if (!actor) throw new Refusal('not_signed_in', 'Sign in first: this needs an access token.')
  const { tenant } = actor
  authorise(actor, 'createOffering', { tenant })
  const module = ports.ontology.modules.get(input.moduleId)
  if (!module) throw new Refusal('not_found', 'moduleId: there is no such module.', { field: 'moduleId' })
  if (!module.languages.includes(input.language)) {
    throw new Refusal('invalid_input', 'language: the module is not taught in it.', { field: 'language' })
  }
  const days = (Date.parse(input.endsOn) - Date.parse(input.startsOn)) / 86_400_000
  if (days < 0 || days > longestDays) {
    throw new Refusal('invalid_input', 'endsOn: must be on or after startsOn, within five years.', {
      field: 'endsOn',
    })
  }
  const request = requestOf(actor, 'createOffering', tenant, requestId, input)
  return ports.store.saveOfferingOnce(request, { ...input, id: ports.random.id(tenant, 'ofg'), tenant })
}
