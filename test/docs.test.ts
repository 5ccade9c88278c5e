import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const read = (file: string) => readFileSync(file, 'utf8')

test('docs/operations.md lists every setting, and none that does not exist', () => {
  const source = read('functions/settings.ts')
  const settings = [...source.matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm)].map(([, name]) => name)
  expect(settings.length).toBeGreaterThan(20)
  const rows = read('docs/operations.md')
    .split('\n')
    .filter((line) => /^\| `[A-Z]/.test(line))
  const listed = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([A-Z0-9_]+)`/g)].map(([, name]) => name),
  )
  expect(new Set(listed)).toEqual(new Set(settings))
})

test('every default in docs/operations.md is the default in the code', () => {
  const rows = [...read('docs/operations.md').matchAll(/^\| `([A-Z_]+)` \| (\d+) \|/gm)]
  const code = `${read('functions/settings.ts')}\n${read('core/ports.ts')}`
  for (const [, name = '', value = ''] of rows) {
    const direct = new RegExp(`${name}: whole\\([\\d_, ]+, ([\\d_]+)\\)`).exec(code)?.[1]
    const named = new RegExp(`${name}: whole\\([\\d_, ]+, d\\.(\\w+)\\)`).exec(code)?.[1]
    const standard = direct ?? new RegExp(`${named}: ([\\d_]+)`).exec(code)?.[1]
    expect(standard?.replaceAll('_', ''), name).toBe(value)
  }
})

test('docs/dependencies.md has a reason for every dependency, and every one is pinned', () => {
  const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>
  const groups = [manifest['dependencies'], manifest['devDependencies'], manifest['optionalDependencies']]
  const pinned = Object.assign({}, ...groups) as Record<string, string>
  const rows = read('docs/dependencies.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
  const listed = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  )
  expect(new Set(listed)).toEqual(new Set(Object.keys(pinned)))
  for (const [name, version] of Object.entries(pinned))
    expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[a-z0-9.]+)?$/)
})

const documents = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'docs/operations.md',
  'docs/self-hosting.md',
  'docs/api.md',
  'docs/standards.md',
  'docs/ontology.md',
  'docs/privacy.md',
]

test.each(documents)('%s names only files that exist', (document) => {
  const text = read(document)
  const named = [
    ...text.matchAll(
      /`((?:core|adapters|schema|http|functions|test|bench|docs|infra|skills-ontology|practicals)\/[\w./-]*)`/g,
    ),
  ]
  const linked = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path = '']) =>
    join(dirname(document), path),
  )
  const missing = [...named.map(([, path = '']) => path), ...linked].filter((path) => !existsSync(path))
  expect(missing).toEqual([])
})

test.each(documents)('%s names only npm scripts that exist', (document) => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const named = [...read(document).matchAll(/npm run (?:--?\w+ )*([a-z][a-z:-]*)/g)].map(
    ([, name = '']) => name,
  )
  expect(named.filter((name) => !scripts[name])).toEqual([])
})

test('docs/standards.md names a file that implements each clause and a test that holds it', () => {
  const rows = read('docs/standards.md')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (clause|---)/.test(line))
  expect(rows.length).toBeGreaterThan(30)
  for (const row of rows) {
    const [, , , where = '', by = ''] = row.split('|')
    expect(where, row).toMatch(/`(core|adapters|http|schema|functions|skills-ontology)\//)
    expect(by, row).toMatch(/`test\//)
  }
})
