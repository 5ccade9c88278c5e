import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setDefaultCACertificates } from 'node:tls'
import { writeThrowawayTls } from '#adapters/file/throwaway-tls.ts'
import { systemClock } from '#adapters/node-platform/clock.ts'
import { localPorts } from '#functions/local-ports.ts'
import { moveCohorts } from '#functions/seed/cohort-movement.ts'
import { readSettings } from '#functions/settings.ts'
import { loadShipped } from '#skills-ontology/load.ts'
import { type Ask, asker, devToken } from '#test/support/graphql.ts'
import { freePort, type RunningServer, startServer } from '#test/support/server.ts'

/** The server of the demo, over https with a throw-away certificate, on one data folder through its restarts. */
export interface DemoAcademy {
  url: string
  /** PEM: what a wallet must trust to come here. */
  certificate: string
  as(account: string): Promise<Ask>
  /** Access token of an account, for downloads. */
  tokenOf(account: string): Promise<string>
  /** `kill -9` in mid-flight and a start on the same data. */
  killAndRestart(): Promise<void>
  /** While the server is down, three cohorts pass and one is revoked, through the same core functions. */
  moveCohortsOffline(): Promise<{ awarded: number; revoked: number }>
  /** Everything the server printed, through all its restarts. */
  printed(): string
  end(): Promise<void>
}

/** `env`: settings beside those of every demo, as `SITES_FILE`. */
export async function startDemoAcademy(env: Record<string, string> = {}): Promise<DemoAcademy> {
  const dataDir = mkdtempSync(join(tmpdir(), 'academy-demo-'))
  const tls = await writeThrowawayTls(join(dataDir, 'tls'), systemClock.now())
  // Only this process believes the certificate; nothing on the machine is changed.
  setDefaultCACertificates([tls.certificate])
  const port = await freePort()
  const options = {
    dataDir,
    port,
    tls: { certFile: tls.certFile, keyFile: tls.keyFile },
    env,
  }
  const servers: RunningServer[] = []
  const start = async () => {
    const started = await startServer(options)
    servers.push(started)
    return started
  }
  const remove = () => rmSync(dataDir, { recursive: true, force: true })
  let server = await start().catch((cause: unknown) => {
    remove()
    throw cause
  })
  const { url } = server

  return {
    url,
    certificate: tls.certificate,
    as: async (account) => asker(url, await devToken(url, account)),
    tokenOf: (account) => devToken(url, account),
    async killAndRestart() {
      await server.kill()
      server = await start()
    },
    async moveCohortsOffline() {
      await server.stop()
      const local = localPorts(readSettings({ DATA_DIR: dataDir }), url, loadShipped())
      try {
        return await moveCohorts(local.ports)
      } finally {
        await local.close()
        server = await start()
      }
    },
    printed: () => servers.map((one) => one.output()).join(''),
    async end() {
      await server.stop()
      remove()
    },
  }
}
