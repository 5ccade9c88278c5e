import type { Actor } from '#core/access/operations.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { takeUpOntology } from '#core/skills/project-graph.ts'
import type { OntologyChanges } from './compare-ontologies.ts'
import type { OntologyDraft } from './draft.ts'
import { judgeDraft, requireProposal } from './judge-draft.ts'
import { packOntology } from './ontology-text.ts'
import type { OntologyVersion } from './ontology-version.ts'
import { type DraftRequest, openDraft, stepped } from './take-draft-step.ts'
import { isRaisedBy } from './version-rules.ts'

/**
 * Publishes a draft another curator wrote: from now on its version is in force and stays at its address. Refuses
 * `four_eyes_required` to whoever had a part in it, `state_conflict` when another version came into force since
 * it was begun, `ontology_not_sound` when the rules find an error, and `invalid_input` when the version is not
 * raised enough or a name that once meant another skill comes back.
 */
export async function publishDraft(
  actor: Actor | undefined,
  asked: DraftRequest,
  ports: Pick<Ports, 'store' | 'ontology' | 'ontologies' | 'graph' | 'settings' | 'clock'>,
): Promise<OntologyDraft> {
  const opened = await openDraft(actor, 'published', { ...asked }, ports)
  if ('done' in opened) return opened.done
  const { draft, files, request } = opened
  const { subject } = opened.actor
  if (draft.authors.includes(subject)) {
    throw new Refusal(
      'four_eyes_required',
      'Another curator has to publish it: you had a part in this draft.',
    )
  }
  const report = await judgeDraft(draft, files, ports)
  const { ontology, changes, bump } = requireProposal(report)
  if (!isRaisedBy(ontology.version, draft.base, bump)) {
    throw new Refusal('invalid_input', `version: what changed asks for a ${bump} version.`, {
      field: 'version',
    })
  }
  await refuseNamesUsedAgain(changes, draft.base, ports)
  const { version, digest } = ontology
  const now = ports.clock.now()
  const published: OntologyVersion = {
    version,
    digest,
    publishedAt: now,
    previous: draft.base,
    origin: {
      kind: 'draft',
      draftId: draft.id,
      title: draft.title,
      authors: draft.authors,
      publishedBy: subject,
    },
  }
  const step = { actor: opened.actor, at: now, what: 'published' as const, note: version }
  const done = await ports.store.savePublishedDraftOnce(
    request,
    { ...stepped(draft, step), state: 'published', version },
    published,
    { text: packOntology(ontology), files },
  )
  await takeUpOntology(ports)
  return done
}

/** A credential of an old version must never come to mean another skill. */
async function refuseNamesUsedAgain(
  { entries }: OntologyChanges,
  base: string,
  { store, ontologies }: Pick<Ports, 'store' | 'ontologies'>,
): Promise<void> {
  const added = entries.filter(({ kind, change }) => kind === 'skill' && change === 'added')
  if (added.length === 0) return
  for (const { version } of await store.listOntologyVersions()) {
    if (version === base) continue
    const old = await ontologies.find(version)
    const again = added.find(({ id }) => old?.skills.has(id))
    if (!again) continue
    throw new Refusal(
      'invalid_input',
      `skills.${again.id}: version ${version} had a skill of this name; names are never used again.`,
      {
        field: 'files',
      },
    )
  }
}
