/** Error codes of OpenID4VCI 1.0 §6.3, §8.3.1 and §11.3 and of OAuth 2.0 that our endpoints answer. */
export type WalletErrorCode =
  | 'invalid_request'
  | 'invalid_grant'
  | 'unsupported_grant_type'
  | 'invalid_authorization_details'
  | 'invalid_token'
  | 'invalid_credential_request'
  | 'unknown_credential_configuration'
  | 'unknown_credential_identifier'
  | 'invalid_proof'
  | 'invalid_nonce'
  | 'invalid_encryption_parameters'
  | 'credential_request_denied'
  | 'invalid_notification_id'
  | 'invalid_notification_request'

/** An expected no to a wallet. `message` becomes `error_description`: plain words, never a value that was sent. */
export class WalletRefusal extends Error {
  readonly code: WalletErrorCode

  constructor(code: WalletErrorCode, message: string, more: { cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'WalletRefusal'
    this.code = code
  }
}
