import type { Actor } from '#core/access/operations.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { OntologyDraft } from './draft.ts'
import type { OntologyFiles } from './ontology-files.ts'
import { type DraftRequest, openDraft, stepped } from './take-draft-step.ts'

/**
 * Lays a draft over the version in force when another was published since it was begun: files only the draft
 * changed stay, files only the new version changed are taken from it. Refuses `state_conflict` and names the
 * files both changed, which a person has to bring together.
 */
export async function renewDraft(
  actor: Actor | undefined,
  asked: DraftRequest,
  ports: Pick<Ports, 'store' | 'ontology' | 'ontologies' | 'clock'>,
): Promise<OntologyDraft> {
  const { store, ontology } = ports
  const opened = await openDraft(actor, 'renewed', { ...asked }, ports)
  if ('done' in opened) return opened.done
  const { draft } = opened
  if (draft.base === ontology.version) {
    throw new Refusal('state_conflict', 'The draft changes the version in force already.')
  }
  const [base, next] = await Promise.all([
    store.findOntologyContent(draft.base),
    store.findOntologyContent(ontology.version),
  ])
  if (!base || !next)
    throw new Refusal('state_conflict', 'The files of the version in force are not kept here yet.')
  const names = [...new Set([...opened.files.keys(), ...next.files.keys()])]
  // The head's version differs in any case; the draft gets its own again when it is submitted.
  const level = (files: OntologyFiles) =>
    ports.ontologies.edit(files, [{ kind: 'version', version: ontology.version }])
  const [then, mine, theirs] = await Promise.all([level(base.files), level(opened.files), level(next.files)])
  const both = names.filter(
    (name) =>
      mine.get(name) !== then.get(name) &&
      theirs.get(name) !== then.get(name) &&
      mine.get(name) !== theirs.get(name),
  )
  if (both.length > 0) {
    throw new Refusal(
      'state_conflict',
      `Changed in the draft and in version ${ontology.version}: ${both.join(', ')}.`,
    )
  }
  const renewed = names.flatMap((name): [string, string][] => {
    const text = mine.get(name) === then.get(name) ? theirs.get(name) : mine.get(name)
    return text === undefined ? [] : [[name, text]]
  })
  const step = {
    actor: opened.actor,
    at: ports.clock.now(),
    what: 'renewed' as const,
    note: ontology.version,
  }
  const changed: OntologyDraft = { ...stepped(draft, step), base: ontology.version, state: 'draft' }
  return store.saveDraftChangeOnce(opened.request, changed, new Map(renewed))
}
