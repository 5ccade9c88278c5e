import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { folderFiles } from '#adapters/folder/files.ts'
import { filesEscoCatalogue } from '#adapters/memory/esco-in-files.ts'
import type { Ports } from '#core/ports.ts'
import { doTask, type Task, zTask } from '#functions/operator-tasks.ts'
import { escoImportRoutes } from '#http/pages/esco-import.ts'
import { pageBrowser } from '#test/pages/page-browser.ts'
import { importTwoConcepts, machineLearning } from '#test/support/two-esco-concepts.ts'
import { world } from '#test/support/world.ts'

const compressed = (content: string | Uint8Array) =>
  brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })
const task = (bytes: Uint8Array): Task =>
  zTask.parse({ do: 'esco', base64: Buffer.from(bytes).toString('base64') })

/** The files of an academy whose operator has imported two concepts on a machine of theirs, as `text`. */
function academy() {
  const folder = mkdtempSync(join(tmpdir(), 'academy-esco-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const files = folderFiles(join(folder, 'files'))
  const file = join(folder, 'imported.json')
  importTwoConcepts(file, join(folder, 'csv'))
  let minutes = 0
  const clock = { now: () => new Date(Date.UTC(2026, 0, 1, 0, minutes)) }
  return {
    text: readFileSync(file, 'utf8'),
    files,
    clock,
    minutePasses: () => void minutes++,
    put: (content: string) => doTask(task(compressed(content)), { files } as Ports),
  }
}

const searchIn = (esco: Ports['esco']) => (language: string, text: string) =>
  esco.search({ text, language, kind: 'skill', limit: 5 })

test('what an operator puts among the files is searched within a minute, and what replaces it too', async () => {
  const { text, files, clock, put, minutePasses } = academy()
  const esco = filesEscoCatalogue({ files, clock })
  const search = searchIn(esco)
  expect(await esco.header()).toBeUndefined()
  expect(await search('en', 'machine learning')).toEqual([])
  expect(await put(text)).toMatchObject({ esco: { skills: 2, languages: ['en', 'fr'] } })
  minutePasses()
  expect(await search('fr', 'apprentissage')).toMatchObject([{ uri: machineLearning }])
  await put(text.replaceAll('apprentissage automatique', 'apprendre par machine'))
  minutePasses()
  expect(await search('fr', 'apprendre')).toMatchObject([{ uri: machineLearning }])
  expect(await search('fr', 'apprentissage')).toEqual([])
  expect(await files.list('platform/esco/')).toHaveLength(1)
})

test('whoever looked before it was replaced reads the new one; one that cannot be read is read again', async () => {
  const { text, files, clock, put } = academy()
  await put(text)
  let looks = 0
  const late = filesEscoCatalogue({
    clock,
    files: { ...files, list: (prefix) => (looks++ ? files.list(prefix) : Promise.resolve([`${prefix}old`])) },
  })
  expect(await searchIn(late)('en', 'weaving')).toHaveLength(1)

  let gets = 0
  const flaky = filesEscoCatalogue({
    clock,
    files: { ...files, get: (name) => (gets++ ? files.get(name) : Promise.reject(new Error('away'))) },
  })
  await expect(flaky.header()).rejects.toThrow('away')
  expect(await flaky.header()).toMatchObject({ languages: ['en', 'fr'] })
})

test.each([
  ['is not compressed', () => Buffer.from('{}')],
  ['is something else', () => compressed('{"skills":[]}')],
  ['is more than a function can hold', () => compressed(Buffer.alloc(33 * 1024 * 1024, ' '))],
])('what %s is refused, and what is there stays', async (_, bytes) => {
  const { text, files, clock, put } = academy()
  await put(text)
  const refused = { code: 'invalid_input', field: 'file' }
  await expect(doTask(task(bytes()), { files } as Ports)).rejects.toMatchObject(refused)
  expect(await filesEscoCatalogue({ files, clock }).header()).toMatchObject({ languages: ['en', 'fr'] })
})

test('the page of curators says who brings ESCO and by which commands, and begins nothing itself', async () => {
  const w = await world()
  w.esco = filesEscoCatalogue(w)
  const curator = pageBrowser([escoImportRoutes(w)], w.actor('curator'), w)
  const page = await curator.text('/curate/esco')
  expect(page).toContain('npm run ops -- esco --deployment NAME')
  expect(page).toContain('ESCO is not imported here yet')
  expect(page).not.toContain('<form method="post" action="/curate/esco"')
  expect(await curator.text('/curate/esco?lang=fr')).toContain('un opérateur l’apporte')
  await expect(w.esco.startImport()).rejects.toMatchObject({ code: 'state_conflict' })
})
