import { hash } from 'node:crypto'
import { makeId, type ShareLinkId, type TenantTag, tenantOf } from '#core/ids.ts'
import { bytesOf, toBase64Url } from '#core/jose/base64url.ts'
import type { Signers } from '#core/ports.ts'
import type { Request } from '#core/store.ts'

/**
 * The secret text of a link: the tenant's tag and 256 bits that nobody without the platform's secret can
 * tell from random. Made from the request, so that a repeated request answers the same link though only
 * its hash is stored.
 */
export function linkText(request: Request, signers: Pick<Signers, 'mac'>): string {
  const secret = signers.mac(
    'share-link',
    bytesOf(JSON.stringify([request.tenant, request.operation, request.requestId, request.inputHash])),
  )
  return `${request.tenant}.${toBase64Url(secret)}`
}

const form = /^[a-z2-7]{8}\.[A-Za-z0-9_-]{43}$/

/** Where the link is kept: 128 bits of its SHA-256. `undefined` for a text that is no link. */
export function shareLinkId(text: string): ShareLinkId | undefined {
  const tenant = form.test(text) ? tenantOf(text) : undefined
  return tenant && idOf(tenant, text)
}

function idOf(tenant: TenantTag, text: string): ShareLinkId {
  return makeId(tenant, 'lnk', hash('sha256', text, 'buffer').subarray(0, 16))
}
