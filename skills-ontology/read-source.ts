import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type * as z from 'zod'
import type { Finding, Path } from '#core/ontology/finding.ts'
import type { DemandRow } from '#core/skills/ontology.ts'
import { parseShape, readText, readYaml, type SourceFile } from './source.ts'
import * as shapes from './z-source.ts'

export type SourceSkill = z.output<typeof shapes.zSkill> & { file: string; domain: string }
export type SourceModule = z.output<typeof shapes.zModule>

/** What the files say, each in its shape but not yet judged by the rules. */
export interface Source {
  head: z.output<typeof shapes.zHeadFile>
  skills: Map<string, SourceSkill>
  modules: z.output<typeof shapes.zModulesFile>['modules']
  roles: z.output<typeof shapes.zRolesFile>['roles']
  sectors: z.output<typeof shapes.zSectorsFile>['sectors']
  programmes: z.output<typeof shapes.zProgrammesFile>['programmes']
  esco: z.output<typeof shapes.zEscoFile>
  demand: DemandRow[]
  lineOf(file: string, path: Path): number | undefined
}

/** Where the files come from: the disk, or a test's memory. What cannot be read goes into `findings`. */
export interface Folder {
  yaml: (name: string, findings: Finding[]) => SourceFile | undefined
  text: (name: string, findings: Finding[]) => string | undefined
  skillFiles: (findings: Finding[]) => string[]
}

export function folderOnDisk(dir: string): Folder {
  return {
    yaml: (name, findings) => readYaml(dir, name, findings),
    text: (name, findings) => readText(dir, name, findings),
    skillFiles: (findings) => skillFiles(dir, findings),
  }
}

/** Reads every file of the folder; `source` is there only when all of them have the right shape. */
export function readSource(folder: Folder): { source?: Source; findings: Finding[] } {
  const findings: Finding[] = []
  const files = new Map<string, SourceFile>()
  const read = <T extends z.ZodType>(name: string, shape: T): z.output<T> | undefined => {
    const file = folder.yaml(name, findings)
    if (file) files.set(name, file)
    return parseShape(shape, file, findings)
  }
  const head = read('ontology.yaml', shapes.zHeadFile)
  const modules = read('modules.yaml', shapes.zModulesFile)
  const roles = read('roles.yaml', shapes.zRolesFile)
  const sectors = read('sectors.yaml', shapes.zSectorsFile)
  const programmes = read('programmes.yaml', shapes.zProgrammesFile)
  const esco = read('esco-labels.yaml', shapes.zEscoFile)
  const skills = new Map<string, SourceSkill>()
  for (const file of folder.skillFiles(findings)) {
    const content = read(file, shapes.zSkillsFile)
    if (content) addSkills(content, file, skills, findings)
  }
  const demand = readDemand(folder, findings)
  if (!head || !modules || !roles || !sectors || !programmes || !esco || findings.some(isShape)) {
    return { findings }
  }
  const source: Source = {
    head,
    skills,
    modules: modules.modules,
    roles: roles.roles,
    sectors: sectors.sectors,
    programmes: programmes.programmes,
    esco,
    demand,
    lineOf: (file, path) => files.get(file)?.lineOf(path),
  }
  return { source, findings }
}

const isShape = (finding: Finding) => finding.rule === 0

export function skillFiles(dir: string, findings: Finding[]): string[] {
  try {
    const names = readdirSync(join(dir, 'skills')).filter((name) => name.endsWith('.yaml'))
    return names.sort().map((name) => `skills/${name}`)
  } catch {
    findings.push({ rule: 0, severity: 'error', file: 'skills', path: [], message: 'cannot be read' })
    return []
  }
}

function addSkills(
  { domain, skills: added }: z.output<typeof shapes.zSkillsFile>,
  file: string,
  skills: Map<string, SourceSkill>,
  findings: Finding[],
): void {
  for (const [id, skill] of Object.entries(added)) {
    const earlier = skills.get(id)
    if (!earlier) skills.set(id, { ...skill, file, domain })
    else {
      const message = `id is already taken in ${earlier.file}`
      findings.push({ rule: 1, severity: 'error', file, path: ['skills', id], message })
    }
  }
}

const demandFile = 'demand-sample.csv'
const demandColumns = 'role,sector,country,year,headcount'

/** Plain CSV without quotes; lines that begin with `#` say that the figures are synthetic. */
function readDemand(folder: Folder, findings: Finding[]): DemandRow[] {
  const text = folder.text(demandFile, findings)
  if (text === undefined) return []
  const wrong = (line: number, path: Path, message: string) =>
    findings.push({ rule: 0, severity: 'error', file: demandFile, path, line, message })
  const rows: DemandRow[] = []
  let header = false
  for (const [index, content] of text.split(/\r?\n/).entries()) {
    if (content === '' || content.startsWith('#')) continue
    if (!header) {
      header = content === demandColumns
      if (header) continue
      wrong(index + 1, [], `the header must be ${demandColumns}`)
      return []
    }
    const [role, sector, country, year, headcount, ...more] = content.split(',')
    const row = shapes.zDemandRow.safeParse({ role, sector, country, year, headcount })
    if (row.success && more.length === 0) rows.push(row.data)
    else if (row.success) wrong(index + 1, [], 'has too many columns')
    else for (const issue of row.error.issues) wrong(index + 1, issue.path.map(String), issue.message)
  }
  return rows
}
