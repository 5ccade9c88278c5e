import * as z from 'zod'
import type { Actor } from '#core/access/operations.ts'
import { zId, zRequestId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import type { OntologyDraft } from './draft.ts'
import { judgeDraft, requireProposal } from './judge-draft.ts'
import { type DraftRequest, openDraft, stepped } from './take-draft-step.ts'

export const zDraftRequest = z.strictObject({ requestId: zRequestId, draftId: zId('drf') })
export const zDraftReason = zDraftRequest.extend({ reason: z.string().trim().min(3).max(1000) })

/**
 * Hands a draft to another curator: its files are sound and change something, and its version is raised as the
 * rules ask. Refuses as `requireProposal` does.
 */
export async function submitDraft(
  actor: Actor | undefined,
  asked: DraftRequest,
  ports: Pick<Ports, 'store' | 'ontologies' | 'clock'>,
): Promise<OntologyDraft> {
  const opened = await openDraft(actor, 'submitted', { ...asked }, ports)
  if ('done' in opened) return opened.done
  const { draft, request } = opened
  const { version } = requireProposal(await judgeDraft(draft, opened.files, ports))
  const files = await ports.ontologies.edit(opened.files, [{ kind: 'version', version }])
  const step = { actor: opened.actor, at: ports.clock.now(), what: 'submitted' as const, note: version }
  const authors = [...new Set([...draft.authors, opened.actor.subject])]
  const submitted: OntologyDraft = { ...stepped(draft, step), authors, state: 'in-review', version }
  return ports.store.saveDraftChangeOnce(request, submitted, files)
}

/** Gives a draft back to its authors, with the reason. */
export async function returnDraft(
  actor: Actor | undefined,
  { reason, ...asked }: DraftRequest & { reason: string },
  ports: Pick<Ports, 'store' | 'clock'>,
): Promise<OntologyDraft> {
  const opened = await openDraft(actor, 'returned', { ...asked, reason }, ports)
  if ('done' in opened) return opened.done
  const step = { actor: opened.actor, at: ports.clock.now(), what: 'returned' as const, note: reason }
  return ports.store.saveDraftChangeOnce(opened.request, { ...stepped(opened.draft, step), state: 'draft' })
}

/** Puts a draft aside for good; it stays to be read. Any curator may. */
export async function withdrawDraft(
  actor: Actor | undefined,
  asked: DraftRequest,
  ports: Pick<Ports, 'store' | 'clock'>,
): Promise<OntologyDraft> {
  const opened = await openDraft(actor, 'withdrawn', { ...asked }, ports)
  if ('done' in opened) return opened.done
  const step = { actor: opened.actor, at: ports.clock.now(), what: 'withdrawn' as const }
  return ports.store.saveDraftChangeOnce(opened.request, {
    ...stepped(opened.draft, step),
    state: 'withdrawn',
  })
}
