/** A certificate in base64 DER, as `x5c` holds it, in PEM (RFC 7468 §5). */
export function pemCertificate(base64: string): string {
  return `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`
}
