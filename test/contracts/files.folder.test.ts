import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { folderFiles } from '#adapters/folder/files.ts'
import { filesContract } from './files.ts'

filesContract('a folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'academy-files-'))
  return { files: folderFiles(folder), close: () => rmSync(folder, { recursive: true, force: true }) }
})

function ownFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'academy-files-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('files are readable by their owner only', async () => {
  const folder = ownFolder()
  await folderFiles(folder).put('aaaaaaaa/private/file', new Uint8Array(1), 'text/plain')
  expect(statSync(join(folder, 'aaaaaaaa', 'private', 'file=')).mode & 0o077).toBe(0)
  expect(statSync(join(folder, 'aaaaaaaa')).mode & 0o077).toBe(0)
})

test('what a crash left half-written is neither listed nor read', async () => {
  const folder = ownFolder()
  const files = folderFiles(folder)
  await files.put('aaaaaaaa/a', new Uint8Array(1), 'text/plain')
  mkdirSync(join(folder, 'aaaaaaaa', '00000000-unfinished~'))
  expect(await files.list('aaaaaaaa/')).toEqual(['aaaaaaaa/a'])
})

test('a put that fails leaves nothing behind', async () => {
  const folder = ownFolder()
  const files = folderFiles(folder)
  // A folder stands where the file should go: the rename fails after everything was written.
  mkdirSync(join(folder, 'aaaaaaaa', 'a='), { recursive: true })
  await expect(files.put('aaaaaaaa/a', new Uint8Array(9), 'text/plain')).rejects.toThrow()
  expect(readdirSync(join(folder, 'aaaaaaaa'))).toEqual(['a='])
})
