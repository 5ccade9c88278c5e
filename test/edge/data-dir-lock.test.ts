import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DataDirInUse, lockDataDir } from '#functions/data-dir-lock.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'academy-lock-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Another process that takes the lock and stays. */
async function anotherServer() {
  const script = `import { lockDataDir } from ${JSON.stringify(join(process.cwd(), 'functions/data-dir-lock.ts'))}
lockDataDir(process.argv[1]); console.log('locked'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

test('a second server on one DATA_DIR is refused with a line that names the folder and the process', async () => {
  const other = await anotherServer()
  expect(() => lockDataDir(folder)).toThrow(DataDirInUse)
  expect(() => lockDataDir(folder)).toThrow(`in use by another server (process ${other.pid})`)
  other.kill('SIGKILL')
  await once(other, 'exit')
})

test('the lock of a server that died by kill -9 is taken over, by one only', async () => {
  const other = await anotherServer()
  other.kill('SIGKILL')
  await once(other, 'exit')
  expect(existsSync(join(folder, 'server.pid'))).toBe(true)
  const lock = lockDataDir(folder)
  expect(() => lockDataDir(folder)).toThrow(DataDirInUse)
  lock.release()
})

test('a released folder can be taken again', () => {
  lockDataDir(folder).release()
  lockDataDir(folder).release()
})

test('a process id left behind, even of a live process, does not keep the academy from starting', () => {
  writeFileSync(join(folder, 'server.pid'), String(process.ppid))
  lockDataDir(folder).release()
})
