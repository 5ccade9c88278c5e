import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Institution } from '#core/institutions/institution.ts'
import { foundInstitutions, readInstitutionsFile } from '#functions/institutions-file.ts'
import { world } from '../support/world.ts'

const example = 'infra/self-hosting/config/institutions.example.json'
const institutions = (JSON.parse(readFileSync(example, 'utf8')) as { institutions: Institution[] })
  .institutions
const [first] = institutions

function fileOf(content: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), 'academy-institutions-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'institutions.json'), JSON.stringify(content))
  return join(folder, 'institutions.json')
}

test.each([
  [{ tag: 'k3vq7m2A' }, 'institutions.0.tag: must be eight characters'],
  [{ slug: '../x' }, 'institutions.0.slug: must be small letters'],
  [{ country: 'Luxembourg' }, 'institutions.0.country: must be a country of ISO 3166-1'],
  [{ homepage: 'http://x.example' }, 'institutions.0.homepage'],
  [{ name: { en: 'Only English' } }, 'institutions.0.name.fr'],
  [{ colour: 'red' }, 'institutions.0'],
])('an institution with %j is refused by its place', (change, problem) => {
  expect(() => readInstitutionsFile(fileOf({ institutions: [{ ...first, ...change }] }))).toThrow(
    `INSTITUTIONS_FILE: ${problem}`,
  )
})

test('no file, and one that is no JSON, is refused', () => {
  for (const file of ['/nowhere', 'README.md'])
    expect(() => readInstitutionsFile(file)).toThrow('INSTITUTIONS_FILE: must name a readable JSON file')
})

test('the institutions are made once, and who runs an academy for others must name one', async () => {
  const { store } = await world()
  const production = true
  const empty = { store: { ...store, listInstitutions: async () => [] } }
  await expect(foundInstitutions({ institutionsFile: undefined, production }, empty)).rejects.toThrow(
    'INSTITUTIONS_FILE: must name the institutions, as there are none yet',
  )
  await foundInstitutions({ institutionsFile: undefined, production: false }, empty)

  const institutionsFile = fileOf({ institutions: [{ ...first, slug: 'new-here', tag: 'abcd2345' }] })
  for (const _again of [1, 2]) await foundInstitutions({ institutionsFile, production }, { store })
  const slugs = (await store.listInstitutions()).map(({ slug }) => slug)
  expect(slugs.filter((slug) => slug === 'new-here')).toHaveLength(1)

  const taken = fileOf({ institutions: [{ ...first, slug: 'new-here', tag: 'abcd2346' }] })
  await expect(foundInstitutions({ institutionsFile: taken, production }, { store })).rejects.toThrow(
    'INSTITUTIONS_FILE: slug: an institution of another tag has it already',
  )
})
