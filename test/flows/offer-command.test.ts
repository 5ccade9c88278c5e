import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { writeThrowawayTls } from '#adapters/file/throwaway-tls.ts'
import { startServer } from '#test/support/server.ts'
import { makeWallet } from '#test/support/wallet.ts'

const run = promisify(execFile)

test('npm run offer prints, as its last line, a link a foreign wallet collects from', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'academy-offer-'))
  const { certFile, keyFile, certificate } = await writeThrowawayTls(join(folder, 'tls'), new Date())
  const dataDir = join(folder, 'data')
  const server = await startServer({ dataDir, tls: { certFile, keyFile } })
  try {
    const offer = async (...more: string[]) => {
      const given = ['functions/offer.ts', '--server', server.url, '--ca', certFile, ...more]
      const { stdout } = await run(process.execPath, given)
      return stdout.trim().split('\n').at(-1) ?? ''
    }
    const wallet = await makeWallet(certificate)
    const plain = await wallet.collect(await offer('--format', 'dc+sd-jwt'))
    expect(plain.map(({ format }) => format)).toEqual(['dc+sd-jwt'])
    const uri = await offer('--format', 'jwt_vc_json', '--tx-code', '482913')
    const guarded = await wallet.collect(uri, { txCode: '482913' })
    expect(guarded.map(({ format }) => format)).toEqual(['jwt_vc_json'])
    await expect(offer('--format', 'mso_mdoc')).rejects.toThrow('--format must be one of')
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}, 60_000)
