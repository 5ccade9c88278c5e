import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { demandProfile } from '#core/skills/demand.ts'
import { loadOntology } from '#skills-ontology/load.ts'
import { readCsv, referencePath } from './reference-data.ts'

const ontology = loadOntology()

test('role by sector is the demand matrix of the reference, row by row', () => {
  const rows = [...ontology.roles.keys()].flatMap((role) =>
    [...ontology.sectors.keys()].flatMap((sector) =>
      demandProfile(ontology, role, sector).map(({ skill, level, importance }) => ({
        role,
        sector,
        skill,
        level: String(level),
        importance,
      })),
    ),
  )
  expect(rows).toEqual(readCsv('ontology', 'draft', 'demand-matrix.csv'))
})

test('every code of the HPC Certification Forum that a mapping names is a node of its skill tree', () => {
  const codes = new Set(
    [...ontology.skills.values()].flatMap(({ mappings }) =>
      mappings.flatMap(({ scheme, notation }) => (scheme === 'hpccf' && notation ? [notation] : [])),
    ),
  )
  expect(codes.size).toBe(55)
  for (const code of codes) {
    const [, branch = '', position = ''] = /^([A-Z]+)([\d.]+)$/.exec(code) ?? []
    const path = referencePath(
      'ontology',
      'hpccf',
      'skill-tree',
      branch.toLowerCase(),
      ...position.split('.'),
      'b.txt',
    )
    expect(readFileSync(path, 'utf8').length, code).toBeGreaterThan(0)
  }
})

test('reference data that are absent are named, not skipped', () => {
  expect(() => referencePath('ontology', 'no-such-file')).toThrow(/no-such-file.*REFERENCE_DATA/)
})
