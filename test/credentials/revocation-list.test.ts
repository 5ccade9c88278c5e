// The library's container of ASN.1 types needs the Reflect metadata API; it must be there first.
import 'reflect-metadata'
import { X509Certificate, X509Crl } from '@peculiar/x509'
import { expect, test } from 'vitest'
import { memoryKeyFolder } from '#adapters/file/key-folder.ts'
import { fileSigners } from '#adapters/file/signers.ts'
import { platformTag } from '#core/ids.ts'
import { northLake } from '#functions/seed/institutions.ts'
import { academy } from '#test/edge/academy.ts'

const clock = { now: () => new Date('2026-11-23T09:00:00Z') }

function signersOver(keys = memoryKeyFolder()) {
  const publicUrl = 'https://academy.example'
  return { keys, signers: fileSigners({ keys, publicUrl, clock, findInstitution: async () => northLake }) }
}

async function listOf(signers: ReturnType<typeof signersOver>['signers'], tag = northLake.tag) {
  return new X509Crl(new Uint8Array((await signers.revocationList(tag)) ?? []))
}

test('the authority of an institution signs a list of what it took back: nothing, at first', async () => {
  const { signers } = signersOver()
  const { x5c } = await signers.active(northLake.tag)
  const list = await listOf(signers)
  expect(await list.verify({ publicKey: new X509Certificate(x5c[1] ?? '') })).toBe(true)
  expect(list.entries).toEqual([])
  const [leaf] = x5c.map((certificate) => new X509Certificate(certificate))
  expect(leaf?.toString('text')).toContain('https://academy.example/institutions/north-lake/ca.crl')
})

test('the certificate of a revoked key is on the list, and no other', async () => {
  const { keys, signers } = signersOver()
  const [leaf] = (await signers.active(northLake.tag)).x5c
  const file = `${northLake.tag}.json`
  const register = JSON.parse(keys.read(file) ?? '') as { keys: { state: string }[] }
  for (const key of register.keys) key.state = 'revoked'
  keys.write(file, JSON.stringify(register))
  const list = await listOf(signersOver(keys).signers)
  expect(list.entries.map(({ serialNumber }) => serialNumber)).toEqual([
    new X509Certificate(leaf ?? '').serialNumber,
  ])
})

test('the root has a list of its own', async () => {
  const { signers } = signersOver()
  const [root = ''] = await signers.anchors()
  const list = await listOf(signers, platformTag)
  expect(await list.verify({ publicKey: new X509Certificate(root) })).toBe(true)
})

test('authority and list of an institution are public', async () => {
  const { request } = await academy()
  const pem = await (await request('/institutions/north-lake/ca.pem')).text()
  expect(pem.match(/BEGIN CERTIFICATE/g)).toHaveLength(2)
  const list = await request('/institutions/north-lake/ca.crl')
  expect(list.headers.get('content-type')).toBe('application/pkix-crl')
  const authority = new X509Certificate(pem.slice(0, pem.indexOf('-----BEGIN', 1)))
  expect(await new X509Crl(await list.arrayBuffer()).verify({ publicKey: authority })).toBe(true)
  expect((await request('/institutions/nobody/ca.crl')).status).toBe(404)
})
