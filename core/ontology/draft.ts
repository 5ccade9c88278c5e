import type { DraftId } from '#core/ids.ts'

/** A change of the ontology that is being prepared: whole source files, on the way to a version. */
export type OntologyDraft = DraftBase &
  (
    | { state: 'draft' }
    | { state: 'in-review'; version: string }
    | { state: 'published'; version: string }
    | { state: 'withdrawn' }
  )

interface DraftBase {
  id: DraftId
  /** What it is for, in a few words; stands in the list of versions once published. */
  title: string
  /** The version it changes. */
  base: string
  /** Raised with every change. */
  revision: number
  createdAt: Date
  /** Everybody whose work is in it: none of them may publish it. */
  authors: string[]
  /** Skills whose meaning a curator says has changed. */
  meaningChanged: string[]
  /** Oldest first. */
  history: DraftEvent[]
}

interface DraftEvent {
  at: Date
  by: string
  what: DraftStep
  /** What was imported or edited, or why it was returned; in the words of who did it. */
  note?: string
}

export const draftSteps = [
  'started',
  'changed',
  'submitted',
  'returned',
  'published',
  'withdrawn',
  'renewed',
] as const
export type DraftStep = (typeof draftSteps)[number]

/** What a draft may become, by the step that is taken; a step that is not listed is refused. */
export const draftTransitions = {
  draft: { changed: 'draft', submitted: 'in-review', withdrawn: 'withdrawn', renewed: 'draft' },
  'in-review': { returned: 'draft', published: 'published', withdrawn: 'withdrawn' },
  published: {},
  withdrawn: {},
} as const satisfies Record<OntologyDraft['state'], Partial<Record<DraftStep, OntologyDraft['state']>>>
