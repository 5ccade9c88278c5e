import type { Actor } from '#core/access/operations.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { OntologyDraft } from './draft.ts'
import type { SourceEdit } from './ontology-files.ts'
import { type DraftRequest, openDraft, stepped } from './take-draft-step.ts'

/** All files of a draft together; several times what is shipped. */
const mostCharacters = 3_000_000
const mostFiles = 40

export interface ChangeDraft extends DraftRequest {
  edits: readonly SourceEdit[]
  /** What was done, for the history: the name of the file, of the package that was imported. */
  note: string
  /** Skills whose meaning changed; replaces the list. */
  meaningChanged?: readonly string[]
  /** What names the request where the edits were made from something else. */
  input?: object
}

/**
 * Changes the files of a draft. They need not be sound yet: the report says what is wrong with them. Whoever
 * changes a draft is one of its authors from then on, and may not publish it. Refuses `too_large` beyond the
 * limit of a draft, and what `openDraft` and the workshop refuse.
 */
export async function changeDraft(
  actor: Actor | undefined,
  { edits, note, meaningChanged, input, ...asked }: ChangeDraft,
  ports: Pick<Ports, 'store' | 'ontologies' | 'clock'>,
): Promise<OntologyDraft> {
  const what = input ?? { edits, ...(meaningChanged ? { meaningChanged } : {}) }
  const opened = await openDraft(actor, 'changed', { ...asked, ...what }, ports)
  if ('done' in opened) return opened.done
  const { draft, request } = opened
  const files = await ports.ontologies.edit(opened.files, edits)
  const characters = [...files.values()].reduce((sum, text) => sum + text.length, 0)
  if (characters > mostCharacters || files.size > mostFiles) {
    throw new Refusal('too_large', `files: at most ${mostFiles}, and ${mostCharacters} characters in all.`, {
      field: 'files',
    })
  }
  const changed: OntologyDraft = {
    ...stepped(draft, {
      actor: opened.actor,
      at: ports.clock.now(),
      what: 'changed',
      note: note.slice(0, 200),
    }),
    state: 'draft',
    authors: withAuthor(draft, opened.actor),
    meaningChanged: [...(meaningChanged ?? draft.meaningChanged)],
  }
  return ports.store.saveDraftChangeOnce(request, changed, files)
}

const withAuthor = ({ authors }: OntologyDraft, { subject }: Actor) => [...new Set([...authors, subject])]
