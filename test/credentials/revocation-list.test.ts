// The library's container of ASN.1 types needs the Reflect metadata API; it must be there first.
import 'reflect-metadata'
import { X509Certificate, X509Crl } from '@peculiar/x509'
import { expect, test } from 'vitest'
import { platformTag, type TenantTag } from '#core/ids.ts'
import { revokeKey } from '#core/keys/manage-keys.ts'
import { northLake } from '#functions/seed/institutions.ts'
import { academy } from '#test/edge/academy.ts'
import { type World, world } from '#test/support/world.ts'

const { tag } = northLake

async function listOf(w: World, tenant: TenantTag = tag) {
  return new X509Crl(new Uint8Array((await w.signers.revocationList(tenant)) ?? []))
}

test('the authority of an institution signs a list of what it took back: nothing, at first', async () => {
  const w = await world()
  const { x5c } = await w.signers.active(tag)
  const list = await listOf(w)
  expect(await list.verify({ publicKey: new X509Certificate(x5c[1] ?? '') })).toBe(true)
  expect(list.entries).toEqual([])
  const [leaf] = x5c.map((certificate) => new X509Certificate(certificate))
  expect(leaf?.toString('text')).toContain('https://academy.example/institutions/north-lake/ca.crl')
})

test('the certificate of a revoked key is on the list, and no other', async () => {
  const w = await world()
  const { x5c, kid } = await w.signers.active(tag)
  await revokeKey(
    w.actor('registrar'),
    { requestId: w.requestId(), dryRun: false, kid, reason: 'compromised' },
    w,
  )
  const list = await listOf(w)
  const [leaf = ''] = x5c
  expect(list.entries.map(({ serialNumber }) => serialNumber)).toEqual([
    new X509Certificate(leaf).serialNumber,
  ])
  expect(list.entries[0]?.revocationDate).toEqual(w.clock.now())
})

test('the root has a list of its own', async () => {
  const w = await world()
  const [root = ''] = await w.signers.anchors()
  const list = await listOf(w, platformTag)
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
