import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readTls, renewTls } from '#functions/tls-files.ts'

let folder = ''
const pair = (name: string) => ({
  certFile: join(folder, `${name}.crt`),
  keyFile: join(folder, `${name}.key`),
})

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'academy-tls-'))
  for (const name of ['first', 'second']) {
    const { certFile, keyFile } = pair(name)
    const options = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=${name}`
    execFileSync('openssl', [...options.split(' '), '-keyout', keyFile, '-out', certFile], {
      stdio: 'ignore',
    })
  }
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a certificate without its file, or with the key of another, is refused', () => {
  expect(readTls(pair('first')).cert.toString()).toContain('BEGIN CERTIFICATE')
  expect(() => readTls(pair('third'))).toThrow('TLS_CERT_FILE: the file cannot be read')
  expect(() => readTls({ ...pair('first'), keyFile: pair('second').keyFile })).toThrow(
    'TLS_KEY_FILE: must be the key of the certificate',
  )
})

test('a renewed certificate is taken up once; one that cannot be used is told once, and the old one holds', async () => {
  const used = pair('used')
  const lay = (from: string, kinds: ('certFile' | 'keyFile')[]) => {
    for (const kind of kinds) cpSync(pair(from)[kind], used[kind])
  }
  lay('first', ['certFile', 'keyFile'])
  const taken: unknown[] = []
  const told: unknown[] = []
  const server = { setSecureContext: (options: unknown) => void taken.push(options) }
  const look = renewTls(server, used, (line) => told.push(line))

  await look()
  expect(taken).toEqual([])
  lay('second', ['certFile'])
  await look()
  await look()
  expect(taken).toEqual([])
  expect(told).toMatchObject([{ level: 'error', outcome: 'refused' }])
  lay('second', ['keyFile'])
  await look()
  await look()
  expect(taken).toEqual([readTls(pair('second'))])
  expect(told).toMatchObject([{ outcome: 'refused' }, { level: 'info', outcome: 'taken' }])
  writeFileSync(used.keyFile, '')
  await look()
  expect(taken).toHaveLength(1)
})
