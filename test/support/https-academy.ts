import { createServer } from 'node:https'
import { getRequestListener } from '@hono/node-server'
import { onTestFinished } from 'vitest'
import { makeTlsCertificate } from '#adapters/file/certificates.ts'
import { defaultCoreSettings } from '#core/ports.ts'
import { readSettings } from '#functions/settings.ts'
import { createApp } from '#http/app.ts'
import { makeAuthenticator } from '#http/authenticate.ts'
import { freePort } from './server.ts'
import { type World, world } from './world.ts'

export interface HttpsAcademy extends World {
  url: string
  /** PEM of the throw-away certificate: what a wallet must trust to come here. */
  certificate: string
}

/**
 * A world behind real https on loopback: the whole edge with its default limits, a clock that stands still,
 * and a certificate made for this test. Closed when the test ends.
 */
export async function httpsAcademy(
  options: { now?: string; seed?: string; settings?: Partial<typeof defaultCoreSettings> } = {},
): Promise<HttpsAcademy> {
  const port = await freePort()
  const url = `https://localhost:${port}`
  const { settings, ...rest } = options
  const w = await world({ ...rest, settings: { ...defaultCoreSettings, ...settings, publicUrl: url } })
  const { certificate, privateKey } = await makeTlsCertificate(['localhost', '127.0.0.1'], new Date(), 2)
  const app = createApp(w, {
    authenticator: makeAuthenticator([], () => () => Promise.reject(new Error('nobody signs in here')), w),
    rateLimits: readSettings({}).rateLimits,
    production: true,
    log: () => undefined,
  })
  const server = createServer({ cert: certificate, key: privateKey }, getRequestListener(app.fetch))
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  return { ...w, url, certificate }
}
