import * as z from 'zod'
import { type Actor, authorise } from '#core/access/operations.ts'
import { platformTag } from '#core/ids.ts'
import { zId, zRequestId, zSlug } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { changeDraft } from './change-draft.ts'
import type { OntologyDraft } from './draft.ts'
import { importCase } from './exchange/import-case.ts'
import { importCsv } from './exchange/import-csv.ts'

const importFormats = ['case', 'csv'] as const

export const zImportIntoDraft = z.strictObject({
  requestId: zRequestId,
  draftId: zId('drf'),
  format: z.enum(importFormats),
  files: z
    .array(z.strictObject({ name: z.string().min(1).max(200), text: z.string().max(8_000_000) }))
    .min(1)
    .max(5),
  /** Where new skills go that name no domain of ours. */
  domain: zSlug.exactOptional(),
  /** Of mappings that do not say who approved them; stands in the published version. */
  approvedBy: z.string().trim().min(2).max(200).exactOptional(),
})

/**
 * Takes skills out of a CASE package or the curators' tables into a draft: texts, prerequisites with their level,
 * mappings with who approved them. Skills the files do not name stay as they are. Refuses what the readers refuse,
 * and `ontology_not_sound` while the files of the draft have errors.
 */
export async function importIntoDraft(
  actor: Actor | undefined,
  { requestId, draftId, format, files, domain, approvedBy }: z.output<typeof zImportIntoDraft>,
  ports: Pick<Ports, 'store' | 'ontologies' | 'clock' | 'settings'>,
): Promise<OntologyDraft> {
  authorise(actor, 'curateOntology', { tenant: platformTag })
  const before = await ports.store.findDraftFiles(draftId)
  if (!before) throw new Refusal('not_found', 'There is no such draft.')
  const { ontology } = await ports.ontologies.judge(before)
  if (!ontology) {
    throw new Refusal('ontology_not_sound', 'files: mend what the rules find in the draft first.', {
      field: 'files',
    })
  }
  const options = {
    publicUrl: ports.settings.publicUrl,
    ...(domain === undefined ? {} : { domain }),
    approval: {
      approvedBy: approvedBy ?? actor.subject,
      approvedOn: ports.clock.now().toISOString().slice(0, 'YYYY-MM-DD'.length),
    },
  }
  const { edits, report } =
    format === 'case' ? importCase(onlyOne(files), ontology, options) : importCsv(files, ontology, options)
  const note = `${files.map(({ name }) => name).join(', ')}: ${report.join('; ')}`
  const input = { format, files, domain, approvedBy }
  return changeDraft(actor, { requestId, draftId, edits, note, input }, ports)
}

function onlyOne<T>(files: readonly T[]): T {
  const [file, ...more] = files
  if (!file || more.length > 0)
    throw new Refusal('invalid_input', 'files: one CASE package at a time.', { field: 'files' })
  return file
}
