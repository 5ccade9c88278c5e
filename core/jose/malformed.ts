/** Why a token could not be read. Stable words: verification shows them as the reason of its first checks. */
export type MalformedReason =
  | 'too_large'
  | 'not_compact'
  | 'not_base64url'
  | 'not_json'
  | 'name_twice'
  | 'header_invalid'
  | 'algorithm_not_allowed'
  | 'critical_header'
  | 'signature_length'
  | 'key_not_supported'
  | 'disclosure_invalid'
  | 'disclosure_duplicate'
  | 'disclosure_unmatched'
  | 'reserved_name'
  | 'hash_not_supported'
  | 'too_deep'
  | 'list_invalid'

/** A token, key or list that does not have the form its standard asks for. Never quotes the input. */
export class Malformed extends Error {
  readonly reason: MalformedReason

  constructor(reason: MalformedReason, message: string) {
    super(message)
    this.name = 'Malformed'
    this.reason = reason
  }
}
