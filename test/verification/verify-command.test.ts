import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeEdition } from '#core/editions/make-edition.ts'
import type { Verification } from '#core/verification/verification.ts'
import { world } from '#test/support/world.ts'

const verify = (...args: string[]) =>
  spawnSync(process.execPath, ['functions/verify.ts', ...args], { encoding: 'utf8' })

test('the command verifies a sealed file by a named anchor, says what it cannot find out, and its exit code tells', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'academy-verify-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const w = await world({ now: new Date().toISOString() })
  const { award } = await w.award()
  const { bytes } = await makeEdition(w.actor('registrar'), { awardId: award.id, edition: 'edc' }, w)
  const [good, bad, anchor] = ['good.jsonld', 'bad.jsonld', 'ca.pem'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(good, bytes)
  writeFileSync(bad, Buffer.from(bytes).toString().replace('80/100', '99/100'))
  const [root = ''] = await w.signers.anchors()
  writeFileSync(anchor, `-----BEGIN CERTIFICATE-----\n${root}\n-----END CERTIFICATE-----\n`)

  const told = verify(good, '--anchor', anchor)
  expect(told.stderr).toBe('')
  expect(told.status).toBe(0)
  expect(told.stdout).toContain('good.jsonld: valid (edc)')
  expect(told.stdout).toContain('does not claim to be a qualified certificate')
  expect(told.stdout).toMatch(/-\s+status: status_not_published/)

  expect(told.stdout).toMatch(/-\s+certificate-status: revocation_not_checked/)

  const list = join(folder, 'ca.crl')
  writeFileSync(list, (await w.signers.revocationList(award.tenant)) ?? '')
  const both = verify(good, bad, '--anchor', anchor, '--crl', list, '--json')
  expect(both.status).toBe(1)
  const verdicts = both.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Pick<Verification, 'outcome' | 'checks'>)
  expect(verdicts.map(({ outcome }) => outcome)).toEqual(['valid', 'tampered'])
  // The list is that of the issuing authority; the root above it has none.
  expect(verdicts[0]?.checks).toContainEqual({
    name: 'certificate-status',
    state: 'unknown',
    code: 'revocation_partly_checked',
  })
})

test('without a file it says how it is used, and a file that is not there is told plainly', () => {
  expect(verify()).toMatchObject({ status: 2, stdout: expect.stringContaining('npm run verify --') })
  const none = verify('/nowhere/at/all', '--trust', '/nowhere/either')
  expect(none.status).toBe(2)
  expect(none.stderr).toContain('Nothing was verified')
})
