import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const biome = resolve('node_modules/.bin/biome')
const folder = mkdtempSync(join(tmpdir(), 'planted-'))
copyFileSync('biome.json', join(folder, 'biome.json'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Plants one file with one import in an empty tree that has our lint rules, and lints it. */
function lint(file: string, source: string) {
  const path = join(folder, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, source)
  const run = spawnSync(
    biome,
    [
      'lint',
      '--vcs-enabled=false',
      '--only=style/noRestrictedImports',
      '--only=correctness/noProcessGlobal',
      file,
    ],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  )
  return { status: run.status, output: run.stdout + run.stderr }
}

const planted = [
  ['core/planted.ts', '#adapters/sqlite/records.ts', 'core/ imports nothing from outside core/'],
  ['core/deep/planted.ts', '../../adapters/sqlite/records.ts', 'core/ imports nothing from outside core/'],
  ['core/planted.ts', '#http/app.ts', 'core/ imports nothing from outside core/'],
  ['core/planted.ts', 'node:fs', 'core/ is pure'],
  ['core/planted.ts', 'node:child_process', 'core/ is pure'],
  ['core/planted.ts', '@aws-sdk/client-dynamodb', 'core/ is pure'],
  ['adapters/planted.ts', '#http/app.ts', 'adapters/ implement ports of core/'],
  ['schema/planted.ts', '#adapters/sqlite/records.ts', 'schema/ is the GraphQL edge'],
  ['http/planted.ts', '../adapters/sqlite/records.ts', 'http/ is the HTTP edge'],
  ['infra/planted.ts', '#core/ids.ts', 'infra/ says where the functions run'],
  ['infra/planted.ts', '../functions/settings.ts', 'infra/ says where the functions run'],
  ['http/pages/planted.ts', '#functions/local.ts', 'http/ is the HTTP edge'],
] as const

test.each(planted)('%s may not import %s', (file, specifier, message) => {
  const { status, output } = lint(
    file,
    `import * as planted from '${specifier}'\nexport const use = planted\n`,
  )
  expect(output).toContain(message)
  expect(status).toBe(1)
})

test('core/ may not read the environment', () => {
  const { status, output } = lint('core/planted-environment.ts', 'export const port = process.env.PORT\n')
  expect(output).toContain('noProcessGlobal')
  expect(status).toBe(1)
})

test.each([
  ['core/allowed.ts', '#core/ids.ts'],
  ['adapters/allowed.ts', '#core/ids.ts'],
  ['schema/allowed.ts', '#core/ids.ts'],
  ['http/allowed.ts', '#schema/schema.ts'],
])('%s may import %s', (file, specifier) => {
  expect(lint(file, `import * as fine from '${specifier}'\nexport const use = fine\n`).status).toBe(0)
})
