import { join } from 'node:path'
import { fileEscoCatalogue } from '#adapters/file/esco-catalogue.ts'
import type { EscoCatalogue } from '#core/skills/esco/esco-catalogue.ts'
import { progressFile, runEscoImport } from '#skills-ontology/run-esco-import.ts'
import type { Settings } from './settings.ts'

/** ESCO below `DATA_DIR`, where the command line puts it; `ESCO_DIR` lets curators import it from the page. */
export function openEsco({ dataDir, escoDir }: Pick<Settings, 'dataDir' | 'escoDir'>): EscoCatalogue {
  const file = join(dataDir, 'esco.json')
  const start = escoDir === undefined ? {} : { start: () => runEscoImport({ dir: escoDir, out: file }) }
  return fileEscoCatalogue({ file, progressFile: progressFile(file), ...start })
}
