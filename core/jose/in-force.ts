/**
 * Whether a JWT that states its end or its beginning is within both (RFC 7519 §4.1.4, §4.1.5). What is no number is
 * neither. `skewSeconds` is how far ahead of ours the clock of whoever made it may be.
 */
export function isInForce(
  { exp, nbf }: Record<string, unknown>,
  now: Date,
  { skewSeconds = 60 }: { skewSeconds?: number } = {},
): boolean {
  const seconds = now.getTime() / 1000
  const ended = exp !== undefined && !(typeof exp === 'number' && exp > seconds)
  const begun = nbf === undefined || (typeof nbf === 'number' && nbf <= seconds + skewSeconds)
  return !ended && begun
}
