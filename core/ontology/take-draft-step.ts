import type { Actor } from '#core/access/operations.ts'
import { authorise } from '#core/access/operations.ts'
import { type DraftId, platformTag } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { requestOf } from '#core/requests.ts'
import type { Request } from '#core/store.ts'
import { type DraftStep, draftTransitions, type OntologyDraft } from './draft.ts'
import type { OntologyFiles } from './ontology-files.ts'

export interface DraftRequest {
  requestId: string
  draftId: DraftId
}

/** A draft that a curator may take a step with, its files, and the request that names the step. */
export interface OpenedDraft {
  actor: Actor
  draft: OntologyDraft
  files: OntologyFiles
  request: Request
}

/**
 * Opens a draft for a step. Answers the draft alone as `done` when the same request was answered before. Refuses
 * `not_found`, and `state_conflict` for a step its state does not allow.
 */
export async function openDraft(
  actor: Actor | undefined,
  step: DraftStep,
  { requestId, draftId, ...input }: DraftRequest & Record<string, unknown>,
  { store }: Pick<Ports, 'store'>,
): Promise<OpenedDraft | { done: OntologyDraft }> {
  authorise(actor, 'curateOntology', { tenant: platformTag })
  const draft = await store.findDraft(draftId)
  if (!draft) throw new Refusal('not_found', 'There is no such draft.')
  const request = requestOf(actor, `draft:${step}`, platformTag, requestId, { draftId, ...input })
  if (await store.wasAnswered(request)) return { done: draft }
  if (!Object.hasOwn(draftTransitions[draft.state], step)) {
    throw new Refusal('state_conflict', `The draft is ${draft.state}; this cannot be done with it now.`)
  }
  const files = await store.findDraftFiles(draftId)
  if (!files) throw new Error('a draft has lost its files')
  return { actor, draft, files, request }
}

/** The draft after a step: one revision more, and a line in its history. */
export function stepped(
  draft: OntologyDraft,
  { actor, at, what, note }: { actor: Actor; at: Date; what: DraftStep; note?: string | undefined },
): Omit<OntologyDraft, 'state'> & { id: DraftId } {
  const { state: _before, ...rest } = draft
  const event = { at, by: actor.subject, what, ...(note === undefined ? {} : { note }) }
  return { ...rest, revision: draft.revision + 1, history: [...draft.history, event].slice(-mostEvents) }
}

const mostEvents = 500
