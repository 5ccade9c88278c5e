import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { casePackage } from '#core/ontology/exchange/case-package.ts'
import { ctdlAsn } from '#core/ontology/exchange/ctdl-asn.ts'
import { csvFiles, skillsCsv } from '#core/ontology/exchange/skills-csv.ts'
import type { Ontology } from '#core/skills/ontology.ts'
import { skosJsonLd } from '#core/skills/skos-json-ld.ts'
import { skosTurtle } from '#core/skills/skos-turtle.ts'

const asCase = (version: '1.0' | '1.1') => (ontology: Ontology, publicUrl: string) =>
  `${JSON.stringify(casePackage(ontology, { publicUrl, version, changedAt: new Date() }), undefined, 1)}\n`

/** What `export` prints, by the name of the format. */
export const exportFormats: Record<string, ((ontology: Ontology, publicUrl: string) => string) | undefined> =
  {
    turtle: skosTurtle,
    'json-ld': skosJsonLd,
    case: asCase('1.1'),
    'case-1.0': asCase('1.0'),
    'ctdl-asn': ctdlAsn,
  }

/** Writes the curators' three tables into a folder. Answers the exit code. */
export function exportTables(ontology: Ontology, folder: string): number {
  mkdirSync(folder, { recursive: true })
  for (const name of csvFiles) {
    writeFileSync(join(folder, name), skillsCsv(ontology, name))
    console.log(join(folder, name))
  }
  return 0
}
