import * as z from 'zod'
import { type Actor, authorise } from '#core/access/operations.ts'
import { platformTag } from '#core/ids.ts'
import { zRequestId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { requestOf } from '#core/requests.ts'
import type { OntologyDraft } from './draft.ts'

export const zStartDraft = z.strictObject({
  requestId: zRequestId,
  /** What the change is for, in a few words; published with the version. */
  title: z.string().trim().min(3).max(200),
})

/** Starts a draft of the next version, with the files of the one in force. Changes nothing that is published. */
export async function startDraft(
  actor: Actor | undefined,
  { requestId, title }: z.output<typeof zStartDraft>,
  { store, ontology, clock, random }: Pick<Ports, 'store' | 'ontology' | 'clock' | 'random'>,
): Promise<OntologyDraft> {
  authorise(actor, 'curateOntology', { tenant: platformTag })
  const content = await store.findOntologyContent(ontology.version)
  if (!content || content.files.size === 0) {
    throw new Refusal(
      'state_conflict',
      'The files of the version in force are not kept here yet; try again in a minute.',
    )
  }
  const now = clock.now()
  const draft: OntologyDraft = {
    id: random.id(platformTag, 'drf'),
    title,
    base: ontology.version,
    state: 'draft',
    revision: 1,
    createdAt: now,
    authors: [actor.subject],
    meaningChanged: [],
    history: [{ at: now, by: actor.subject, what: 'started' }],
  }
  const request = requestOf(actor, 'startOntologyDraft', platformTag, requestId, { title })
  return store.saveDraftOnce(request, draft, content.files)
}
