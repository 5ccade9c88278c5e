import { type PublicJwk, parsePublicJwk } from '#core/jose/jwk.ts'
import { jsonObject } from '#core/jose/jws.ts'

/**
 * Address of a did:web document (did:web method §3.2), or `undefined` when the text is no did:web of a
 * plain host. An IP address is none: the method asks for a domain name.
 */
export function didWebDocumentUrl(did: string): string | undefined {
  if (!/^did:web:[A-Za-z0-9.%:_-]{1,250}$/.test(did)) return undefined
  const [host = '', ...path] = did.slice('did:web:'.length).split(':')
  // The colon of a port is percent-encoded; nothing else of a host may be.
  const authority = host.replace(/%3A/i, ':')
  if (!/^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:[0-9]{1,5})?$/.test(authority)) return undefined
  if (/^[0-9.]+(:|$)/.test(authority)) return undefined
  if (path.some((part) => part === '' || part === '.' || part === '..' || part.includes('%')))
    return undefined
  return `https://${authority.toLowerCase()}/${path.length === 0 ? '.well-known' : path.join('/')}/did.json`
}

/**
 * The P-256 key that a did document names under `kid` for assertions (DID Core §5.3.2). `kid` is the
 * full URL of the method or only its fragment. `undefined` when there is none. Throws `Malformed` for a
 * document that is not JSON or a key of another kind.
 */
export function assertionKey(document: Uint8Array, did: string, kid: string): PublicJwk | undefined {
  const { id, verificationMethod, assertionMethod } = jsonObject(document)
  if (id !== did || !Array.isArray(verificationMethod) || !Array.isArray(assertionMethod)) return undefined
  const full = (name: unknown) => (typeof name === 'string' && name.startsWith('#') ? did + name : name)
  const wanted = kid.includes('#') ? full(kid) : `${did}#${kid}`
  for (const method of [...verificationMethod, ...assertionMethod].slice(0, 100)) {
    if (!isRecord(method) || full(method['id']) !== wanted || method['controller'] !== did) continue
    const allowed = assertionMethod.some((entry) => full(isRecord(entry) ? entry['id'] : entry) === wanted)
    return allowed ? parsePublicJwk(method['publicKeyJwk']) : undefined
  }
  return undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
