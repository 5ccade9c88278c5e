/**
 * Follows one piece of work over everything that waits in between. `Ports` have one only where somebody watches;
 * elsewhere nothing is noted and nothing costs.
 */
export interface Trace {
  /** What to keep beside work that waits, so that whoever does it later goes on (`traceparent` of W3C Trace Context). */
  current(): string | undefined
  /** Does the work as a step of the one under way, or of the trace its cause was kept from, or of a new one. */
  step<T>(step: Step, work: (span: StepNotes) => Promise<T>): Promise<T>
}

export interface Step {
  /** Of a closed set: kinds of work, routes and names of the schema, never what a person typed. */
  name: string
  kind?: 'server' | 'client' | 'producer' | 'consumer'
  /** Kept by `current` when the work was put down. */
  from?: string | undefined
  notes?: Notes
}

export interface StepNotes {
  rename(name: string): void
  note(notes: Notes): void
}

/** Everything that may be said of a step. None has room for a person: no id of a learner, no key of a record. */
export const noteNames = [
  'http.request.method',
  'http.route',
  'http.response.status_code',
  'academy.request',
  'graphql.operation.type',
  'graphql.fields',
  'db.system.name',
  'db.operation.name',
  'academy.count',
  'academy.institution',
  'academy.projection',
  'academy.event',
  'academy.site',
  'academy.stage',
  'academy.kid',
  /** The code of a refusal, or the class of a defect; a step that has it failed. */
  'error.type',
] as const
export type Notes = Partial<Record<(typeof noteNames)[number], string | number>>

const nothing: StepNotes = { rename: () => undefined, note: () => undefined }

/** Does the work as a step of a trace, where there is one. */
export function inStep<T>(
  trace: Trace | undefined,
  step: Step,
  work: (span: StepNotes) => Promise<T>,
): Promise<T> {
  return trace ? trace.step(step, work) : work(nothing)
}

/** What is kept beside work that waits: nothing where nobody watches. */
export function keptTrace(trace: Pick<Trace, 'current'> | undefined): { trace?: string } {
  const current = trace?.current()
  return current === undefined ? {} : { trace: current }
}
