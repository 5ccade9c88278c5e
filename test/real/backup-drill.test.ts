import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Actor } from '#core/access/operations.ts'
import { makeEdition } from '#core/editions/make-edition.ts'
import { requestErasure } from '#core/learners/request-erasure.ts'
import { verifyCredential } from '#core/verification/verify-credential.ts'
import { readSettings } from '#functions/settings.ts'
import { startLocal } from '#functions/start-local.ts'
import { freePort } from '#test/support/server.ts'

/** `npm run ops` on a data folder, as an operator types it. */
function ops(dataDir: string, ...words: string[]): string {
  return execFileSync(process.execPath, ['functions/ops.ts', ...words], {
    env: { PATH: process.env['PATH'] ?? '', DATA_DIR: dataDir },
    encoding: 'utf8',
  })
}

test('a copy made while the server runs is restored elsewhere: what was issued verifies, its key signs, who was erased since is erased', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'academy-drill-'))
  const [here, copied, elsewhere] = [join(folder, 'here'), join(folder, 'copied'), join(folder, 'elsewhere')]
  const port = String(await freePort())
  const start = async (dataDir: string) => {
    const server = await startLocal(readSettings({ DATA_DIR: dataDir, PORT: port }), () => undefined)
    onTestFinished(() => server.stop())
    return server
  }
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))

  const first = await start(here)
  const { store, files } = first.ports
  const [institution] = await store.listInstitutions()
  if (!institution) throw new Error('there is no institution')
  const { tag: tenant } = institution
  const { items } = await store.listAwards(tenant, { limit: 100 })
  const [award, other] = items.filter(({ status }) => status.state === 'valid')
  if (!award || !other) throw new Error('there are no awards')
  const registrar: Actor = { subject: 'drill', tenant, roles: ['registrar'] }
  const { bytes } = await makeEdition(registrar, { awardId: award.id, edition: 'vc+jwt' }, first.ports)

  expect(ops(here, 'backup', '--to', copied)).toMatch(/^\d+ files are in /)
  const { learnerId } = other
  const asked = { requestId: 'drill-erasure', learnerId, revokeAwards: false }
  await requestErasure({ subject: 'l', tenant, roles: ['learner'], learnerId }, asked, first.ports)
  await expect
    .poll(() => files.list(`${tenant}/erasures/`), { timeout: 60_000 })
    .toContain(`${tenant}/erasures/${learnerId}`)
  await first.stop()

  expect(ops(elsewhere, 'restore', '--from', copied, '--erased-in', here)).toContain('1 erasures')
  expect(ops(elsewhere, 'erase-again')).toContain('1 had come back and were erased again.')

  const { ports } = await start(elsewhere)
  expect(await verifyCredential(bytes, {}, ports)).toMatchObject({ verified: true })
  const again = await makeEdition(registrar, { awardId: award.id, edition: 'vc+jwt' }, ports)
  expect(Buffer.from(again.bytes).equals(Buffer.from(bytes))).toBe(true)
  const fresh = await makeEdition(registrar, { awardId: award.id, edition: 'edc' }, ports)
  expect(await verifyCredential(fresh.bytes, {}, ports)).toMatchObject({ verified: true })
  expect((await ports.store.findLearner(learnerId))?.person).toBeUndefined()
  expect((await ports.store.findLearner(award.learnerId))?.person).toBeDefined()
})
