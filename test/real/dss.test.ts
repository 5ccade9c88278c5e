import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { memoryKeyFolder } from '#adapters/file/key-folder.ts'
import { fileVault } from '#adapters/file/key-vault.ts'
import { pagePainter } from '#adapters/page-image/page-painter.ts'
import { platformTag } from '#core/ids.ts'
import { northLake } from '#functions/seed/institutions.ts'
import {
  sealSample,
  stampsOf,
  tampered,
  unsignedOf,
  withAnotherSecond,
  withUnsigned,
} from '../edc/sealing.ts'
import { type TestAuthority, testAuthority } from '../edc/test-authority.ts'

interface Verdict {
  indication: string
  reason: string
  level: string
  stamps: string
}

const passed = { indication: 'TOTAL_PASSED', reason: 'null' }
let verdicts: Map<string, Verdict>
let authority: TestAuthority
let stranger: TestAuthority
let folder: string

/** All files are made first and judged by one run of the validator. */
beforeAll(async () => {
  authority = testAuthority()
  stranger = testAuthority()
  folder = mkdtempSync(join(tmpdir(), 'academy-dss-'))
  for (const name of ['anchors', 'crls', 'cases']) mkdirSync(join(folder, name))
  const keep = (name: string, text: string) => writeFileSync(join(folder, 'cases', name), text)

  const key = authority.seal('ES256')
  const otherKey = authority.seal('ES256')
  const foreignKey = stranger.seal('ES256')
  const timeStamps = stampsOf(authority)
  for (const alg of ['ES256', 'RS256', 'PS256'] as const) {
    const algKey = alg === 'ES256' ? key : authority.seal(alg)
    keep(`b-${alg}`, (await sealSample(algKey, { pages: pagePainter() })).text)
    keep(`t-${alg}`, (await sealSample(algKey, { timeStamps })).text)
    keep(`sigT-${alg}`, (await sealSample(algKey, { signingTime: 'sigT' })).text)
  }
  const b = (await sealSample(key)).text
  const t = (await sealSample(key, { timeStamps })).text
  const otherT = (await sealSample(key, { timeStamps })).text
  keep(
    'payload',
    tampered(b, { file: (file) => (file.payload = file.payload.replace('"87/100"', '"100/100"')) }),
  )
  keep(
    'payload-t',
    tampered(t, { file: (file) => (file.payload = file.payload.replace('"87/100"', '"100/100"')) }),
  )
  keep('header', tampered(b, { header: (header) => (header['iat'] = Number(header['iat']) - 86_400) }))
  keep('leaf', tampered(b, { header: (header) => (header['x5c'] = otherKey.x5c) }))
  keep('issuer', tampered(b, { header: (header) => (header['x5c'] = [key.x5c[0], foreignKey.x5c[1]]) }))
  keep('digest', tampered(b, { header: (header) => (header['x5t#S256'] = 'A'.repeat(43)) }))
  keep('root', (await sealSample(foreignKey)).text)
  keep('swapped-stamp', withUnsigned(t, unsignedOf(otherT)))
  keep('altered-stamp', withUnsigned(t, unsignedOf(t).map(withAnotherSecond)))
  keep('foreign-stamp', (await sealSample(key, { timeStamps: stampsOf(stranger) })).text)

  const academy = fileVault({
    keys: memoryKeyFolder(),
    publicUrl: 'https://academy.example',
    clock: { now: () => new Date() },
    findInstitution: async () => northLake,
  })
  keep(
    'academy',
    (await sealSample(await academy.signer(northLake.tag, await academy.first(northLake.tag)))).text,
  )
  for (const tag of [northLake.tag, platformTag]) {
    const list = await academy.revocationList(tag, new Map())
    writeFileSync(join(folder, 'crls', `academy-${tag}.crl`), list ?? '')
  }
  for (const [position, anchor] of (await academy.anchors()).entries()) {
    writeFileSync(join(folder, 'anchors', `academy-${position}.der`), Buffer.from(anchor, 'base64'))
  }
  writeFileSync(join(folder, 'anchors', 'root.der'), authority.root())
  for (const [position, crl] of authority.crls().entries()) {
    writeFileSync(join(folder, 'crls', `${position}.crl`), crl)
  }
  verdicts = judge(folder)
}, 300_000)

afterAll(() => {
  authority?.close()
  stranger?.close()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

function judge(cases: string): Map<string, Verdict> {
  const classPath = process.env['DSS_CLASSPATH']
  if (!classPath)
    throw new Error('DSS_CLASSPATH is not set: test/engines/dss/start.sh makes the validator ready')
  // Made sure of by the script that sets the class path.
  const program = 'java'
  const lines = execFileSync(program, ['-cp', classPath, 'DssJudge', cases], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return new Map(
    lines
      .trim()
      .split('\n')
      .map((line) => {
        const [name = '', indication = '', reason = '', level = '', stamps = ''] = line.split('\t')
        return [name, { indication, reason, level, stamps }]
      }),
  )
}

describe('the validator of the European Commission (DSS 6.4)', () => {
  test.each(['ES256', 'RS256', 'PS256'])('passes a %s seal as JAdES baseline B', (alg) => {
    expect(verdicts.get(`b-${alg}`)).toEqual({ ...passed, level: 'JAdES-BASELINE-B', stamps: '-' })
  })

  test.each(['ES256', 'RS256', 'PS256'])('passes a stamped %s seal as JAdES baseline T', (alg) => {
    expect(verdicts.get(`t-${alg}`)).toEqual({ ...passed, level: 'JAdES-BASELINE-T', stamps: 'PASSED' })
  })

  test.each(['ES256', 'RS256', 'PS256'])(
    'passes the older signing time with %s, without calling it baseline',
    (alg) => {
      expect(verdicts.get(`sigT-${alg}`)).toEqual({ ...passed, level: 'JSON-NOT-ETSI', stamps: '-' })
    },
  )

  test.each([
    ['payload', 'TOTAL_FAILED', 'HASH_FAILURE'],
    ['payload-t', 'TOTAL_FAILED', 'HASH_FAILURE'],
    ['header', 'TOTAL_FAILED', 'HASH_FAILURE'],
    ['issuer', 'TOTAL_FAILED', 'HASH_FAILURE'],
    ['leaf', 'INDETERMINATE', 'NO_SIGNING_CERTIFICATE_FOUND'],
    ['digest', 'INDETERMINATE', 'NO_SIGNING_CERTIFICATE_FOUND'],
    ['root', 'INDETERMINATE', 'NO_CERTIFICATE_CHAIN_FOUND'],
  ])('does not pass a seal with another %s', (name, indication, reason) => {
    expect(verdicts.get(name)).toMatchObject({ indication, reason })
  })

  test('passes a seal of the local academy against the root and the revocation lists it publishes itself', () => {
    expect(verdicts.get('academy')).toEqual({ ...passed, level: 'JAdES-BASELINE-B', stamps: '-' })
  })

  // By its default policy a bad stamp does not sink a seal that is valid today; the stamp has its own verdict.
  test.each([
    ['of another seal', 'swapped-stamp', 'FAILED'],
    ['with another time', 'altered-stamp', 'FAILED'],
    ['of a stranger', 'foreign-stamp', 'INDETERMINATE'],
  ])('does not pass a time stamp %s', (_, name, stamps) => {
    expect(verdicts.get(name)).toMatchObject({ stamps })
  })
})
