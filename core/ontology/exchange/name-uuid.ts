import { createHash } from 'node:crypto'

// RFC 9562 §6.6: the namespace of names that are URLs.
const urlNamespace = Buffer.from('6ba7b8119dad11d180b400c04fd430c8', 'hex')

/** The UUID of a name (RFC 9562 §5.5, version 5, in the namespace of URLs): the same name, the same UUID, everywhere. */
export function nameUuid(url: string): string {
  const bytes = createHash('sha1').update(urlNamespace).update(url, 'utf8').digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** The name of a skill in every version: what CASE and CTDL know it by. It leads to the version in force. */
export const permanentIri = (publicUrl: string, kind: 'skill' | 'domain', id: string): string =>
  `${publicUrl}/ontology/${kind}/${id}`

/** The name of the ontology itself in every version. */
export const schemeIri = (publicUrl: string): string => `${publicUrl}/ontology/scheme`
