import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeThrowawayTls } from '#adapters/file/throwaway-tls.ts'
import { type RunningServer, startServer } from '#test/support/server.ts'
import { makeWallet } from '#test/support/wallet.ts'

const execute = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'academy-commands-'))
let server: RunningServer
let tls: Awaited<ReturnType<typeof writeThrowawayTls>>

beforeAll(async () => {
  tls = await writeThrowawayTls(join(folder, 'tls'), new Date())
  server = await startServer({ dataDir: join(folder, 'data'), tls })
}, 60_000)
afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function run(file: string, ...words: string[]): Promise<string> {
  const given = [file, ...words, '--server', server.url, '--ca', tls.certFile]
  return (await execute(process.execPath, given)).stdout.trim()
}

test('npm run offer prints, as its last line, a link a foreign wallet collects from', async () => {
  const offer = async (...more: string[]) =>
    (await run('functions/offer.ts', ...more)).split('\n').at(-1) ?? ''
  const wallet = await makeWallet(tls.certificate)
  const plain = await wallet.collect(await offer('--format', 'dc+sd-jwt'))
  expect(plain.map(({ format }) => format)).toEqual(['dc+sd-jwt'])
  const uri = await offer('--format', 'jwt_vc_json', '--tx-code', '482913')
  const guarded = await wallet.collect(uri, { txCode: '482913' })
  expect(guarded.map(({ format }) => format)).toEqual(['jwt_vc_json'])
  await expect(offer('--format', 'mso_mdoc')).rejects.toThrow('--format must be one of')
}, 60_000)

test('npm run ops -- keys lists and prepares keys, says what a revocation would cost, and why something is refused', async () => {
  const keys = (...words: string[]) => run('functions/ops.ts', 'keys', ...words)
  const mine = ['--institution', 'mittelberg']
  const list = async () =>
    JSON.parse(await keys('list', ...mine, '--json')) as { kid: string; state: string }[]
  const [first] = await list()
  expect(await keys('prepare', ...mine, '--dry-run')).toContain('nothing was changed')
  expect(await keys('prepare', ...mine, '--as', 'platform')).toContain('may sign from')
  expect((await list()).map(({ state }) => state).sort()).toEqual(['active', 'next'])
  const dryRun = ['revoke', ...mine, '--kid', first?.kid ?? '', '--reason', 'compromised', '--dry-run']
  expect(await keys(...dryRun)).toContain('Credentials that no longer verify: 9')
  await expect(keys('prepare', ...mine)).rejects.toThrow('state_conflict: There is a next key already')
  await expect(keys('list', ...mine, '--as', 'registrar')).rejects.toThrow('not_found')
  await expect(keys('activate', ...mine)).rejects.toThrow('keys activate needs --kid')
}, 60_000)
