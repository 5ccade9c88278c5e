import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { importEscoFolder } from '#skills-ontology/import-esco.ts'

export const machineLearning = 'http://data.europa.eu/esco/skill/3a2d5b45-56e4-4f5a-a55a-4a4a65afdc43'
export const weaving = 'http://data.europa.eu/esco/skill/00000000-0000-4000-8000-000000000001'

/** Imports two concepts into a file: the layout is ESCO's; one concept is, the other is invented. */
export function importTwoConcepts(out: string, dir: string): void {
  const header =
    'conceptType,conceptUri,skillType,reuseLevel,preferredLabel,altLabels,hiddenLabels,status,modifiedDate,scopeNote,definition,inScheme,description'
  const row = (uri: string, label: string, other: string) =>
    `KnowledgeSkillCompetence,${uri},knowledge,cross-sector,${label},${other},,released,2022,,,,`
  mkdirSync(dir, { recursive: true })
  const file = (language: string, ...rows: string[]) =>
    writeFileSync(join(dir, `skills_${language}.csv`), [header, ...rows, ''].join('\n'))
  file('en', row(machineLearning, 'machine learning', 'ML'), row(weaving, 'weaving by machine', 'looms'))
  file(
    'fr',
    row(machineLearning, 'apprentissage automatique', ''),
    row(weaving, 'tissage à la machine', 'métiers'),
  )
  importEscoFolder(dir, out, () => undefined, '1.2.1')
}
