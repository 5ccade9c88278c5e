import type { Judgement, OntologyFiles } from '#core/ontology/ontology-files.ts'
import { editFiles } from './edit-files.ts'
import { folderOf } from './files.ts'
import { judgeOntology } from './load.ts'

/** What is done to an ontology given as its files: judged by the eleven rules, and changed. */
export const workshop = {
  judge: (files: OntologyFiles): Judgement => judgeOntology(folderOf(files)),
  edit: editFiles,
}
