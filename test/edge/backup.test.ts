import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { backUp, restore } from '#functions/ops/backup.ts'

/** A data folder with records that are being written, a key, a file, and what a backup leaves out. */
function folders() {
  const folder = mkdtempSync(join(tmpdir(), 'academy-backup-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const paths = {
    here: join(folder, 'here'),
    copied: join(folder, 'copied'),
    elsewhere: join(folder, 'elsewhere'),
  }
  for (const name of ['keys', 'files/k3vq7m2a/erasures', 'jobs'])
    mkdirSync(join(paths.here, name), { recursive: true })
  writeFileSync(join(paths.here, 'keys', 'master.key'), 'a key', { mode: 0o600 })
  writeFileSync(join(paths.here, 'files', 'k3vq7m2a', 'page.png'), 'a file')
  writeFileSync(join(paths.here, 'jobs', 'journal'), 'left out')
  const db = new DatabaseSync(join(paths.here, 'records.sqlite'))
  onTestFinished(() => db.close())
  db.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1)')
  return { ...paths, db }
}

test('a backup is one moment of the records, with keys and files, and leaves its own mark on each', async () => {
  const { here, copied, elsewhere, db } = folders()
  expect(await backUp(here, copied, new Date('2026-11-27T08:00:00.000Z'))).toBe(3)
  db.exec('INSERT INTO t VALUES (2)')
  expect(Object.keys(JSON.parse(readFileSync(join(copied, 'backup.json'), 'utf8')).files)).toEqual([
    'files/k3vq7m2a/page.png',
    'keys/master.key',
    'records.sqlite',
  ])
  const erased = join('files', 'k3vq7m2a', 'erasures', 'somebody')
  writeFileSync(join(here, erased), '')
  expect(restore(copied, elsewhere, here)).toEqual({ files: 3, erased: 1 })
  expect(readFileSync(join(elsewhere, 'keys', 'master.key'), 'utf8')).toBe('a key')
  for (const folder of [copied, elsewhere])
    for (const name of ['records.sqlite', 'keys/master.key', 'files/k3vq7m2a/page.png'])
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
  expect(readFileSync(join(elsewhere, erased), 'utf8')).toBe('')
  const restored = new DatabaseSync(join(elsewhere, 'records.sqlite'))
  expect(restored.prepare('SELECT count(*) AS n FROM t').get()).toEqual({ n: 1 })
  restored.close()
})

test('a damaged backup is not restored, nor one over data that is there', async () => {
  const { here, copied, elsewhere } = folders()
  await backUp(here, copied, new Date())
  await expect(backUp(here, copied, new Date())).rejects.toThrow('--to: the folder must be empty')
  expect(() => restore(copied, here)).toThrow('DATA_DIR: the folder must be empty')
  appendFileSync(join(copied, 'keys', 'master.key'), '!')
  expect(() => restore(copied, elsewhere)).toThrow(
    '--from: 1 files are not as they were copied, as keys/master.key',
  )
})
