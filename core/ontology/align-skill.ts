import * as z from 'zod'
import { type Actor, authorise } from '#core/access/operations.ts'
import { platformTag } from '#core/ids.ts'
import { zId, zRequestId, zSlug } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { Mapping, Ontology } from '#core/skills/ontology.ts'
import { changeDraft } from './change-draft.ts'
import type { OntologyDraft } from './draft.ts'
import type { SourceEdit } from './ontology-files.ts'

const zTarget = z.strictObject({
  requestId: zRequestId,
  draftId: zId('drf'),
  skill: zSlug,
  scheme: z.enum(['esco', 'hpccf']),
  /** Address of an ESCO skill, or a code of the HPC Certification Forum. */
  target: z.string().trim().min(1).max(200),
})
export const zAlignSkill = zTarget.extend({
  relation: z.enum(['exactMatch', 'closeMatch', 'broadMatch', 'narrowMatch']),
  /** In words that may be published; stands in the version with today's date. */
  approvedBy: z.string().trim().min(2).max(200),
})
export const zUnalignSkill = zTarget

/**
 * Says in a draft how a skill relates to a concept of ESCO or a code of the HPC Certification Forum, and who approved
 * it, today. A mapping to the same target is replaced. Labels of an ESCO concept come along, in every language that
 * was imported. Refuses `invalid_input` for a skill or a concept that is not known here.
 */
export async function alignSkill(
  actor: Actor | undefined,
  { requestId, draftId, skill, scheme, target, relation, approvedBy }: z.output<typeof zAlignSkill>,
  ports: Pick<Ports, 'store' | 'ontology' | 'ontologies' | 'esco' | 'clock'>,
): Promise<OntologyDraft> {
  authorise(actor, 'curateOntology', { tenant: platformTag })
  const approvedOn = ports.clock.now().toISOString().slice(0, 'YYYY-MM-DD'.length)
  const approval = { approvedBy, approvedOn }
  const edits: SourceEdit[] = []
  let mapping: Mapping
  if (scheme === 'hpccf') {
    if (!/^[A-Z]{1,5}\d+(\.\d+)*(-b)?$/.test(target)) {
      throw new Refusal('invalid_input', 'target: is no code of the skill tree, as K1.1 or AI3.1.', {
        field: 'target',
      })
    }
    mapping = { relation, scheme, notation: target, ...approval }
  } else {
    const label = await escoLabel(target, ports)
    if (!ports.ontology.escoLabels.has(target)) {
      edits.push({ kind: 'esco-label', uri: target, concept: 'skill', label })
    }
    mapping = { relation, scheme, uri: target, label: label['en'] ?? '', ...approval }
  }
  edits.push({ kind: 'mapping', skill, mapping })
  const note = `${skill} ${relation} ${target}`
  const input = { skill, scheme, target, relation, approvedBy }
  return changeDraft(actor, { requestId, draftId, edits, note, input }, ports)
}

/** Takes a mapping of a skill out of a draft. */
export async function unalignSkill(
  actor: Actor | undefined,
  { requestId, draftId, skill, scheme, target }: z.output<typeof zUnalignSkill>,
  ports: Pick<Ports, 'store' | 'ontologies' | 'clock'>,
): Promise<OntologyDraft> {
  const edits: SourceEdit[] = [{ kind: 'no-mapping', skill, scheme, target }]
  return changeDraft(actor, { requestId, draftId, edits, note: `${skill} no longer ${target}` }, ports)
}

async function escoLabel(
  uri: string,
  { ontology, esco }: { ontology: Pick<Ontology, 'escoLabels'> } & Pick<Ports, 'esco'>,
): Promise<Record<string, string>> {
  const known = ontology.escoLabels.get(uri)
  if (known) return known
  const entry = await esco.find(uri)
  if (entry?.kind === 'skill' && entry.label['en']) return entry.label
  throw new Refusal('invalid_input', 'target: is no ESCO skill that was imported here.', { field: 'target' })
}

/** Begins the import of ESCO the deployment is set up for; how it goes stands in `esco.lastImport`. */
export async function startEscoImport(
  actor: Actor | undefined,
  { esco }: Pick<Ports, 'esco'>,
): Promise<void> {
  authorise(actor, 'curateOntology', { tenant: platformTag })
  await esco.startImport()
}
