import type { MiddlewareHandler } from 'hono'
import type { AcademyEnv } from './environment.ts'

const headers = {
  'Content-Security-Policy':
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=()',
} as const

/** Headers every answer has unless its own route chose others. */
export function securityHeaders(publicUrl: string): MiddlewareHandler<AcademyEnv> {
  const https = publicUrl.startsWith('https:')
  return async (c, next) => {
    await next()
    for (const [name, value] of Object.entries(headers)) {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value)
    }
    if (https) c.res.headers.set('Strict-Transport-Security', 'max-age=31536000')
    c.res.headers.set('X-Request-Id', c.get('requestId'))
  }
}
