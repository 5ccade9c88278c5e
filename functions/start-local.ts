import { randomUUID } from 'node:crypto'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import type { DemoAccount } from '#adapters/oidc/demo-accounts.ts'
import { stepBulkJobs } from '#core/bulk/step-bulk-jobs.ts'
import { deliverEvents } from '#core/deliver-events.ts'
import { publishDueSnapshot } from '#core/gaps/publish-snapshot.ts'
import { platformTag } from '#core/ids.ts'
import { registerFirstKeys } from '#core/keys/manage-keys.ts'
import type { Ports } from '#core/ports.ts'
import { driveAttempts } from '#core/practicals/drive-attempts.ts'
import { sweepRunFiles } from '#core/practicals/forget-attempts.ts'
import { rebuildSupply, releaseOntology, takeUpOntology } from '#core/skills/project-graph.ts'
import { createApp } from '#http/app.ts'
import { describeError, type Log } from '#http/log.ts'
import { streamLimits } from '#http/progress-streams.ts'
import { isLoopbackAddress, isLoopbackHost } from '#http/sign-in.ts'
import { visitorAddress } from '#http/visitor-address.ts'
import { loadShipped } from '#skills-ontology/load.ts'
import { repeat } from './background.ts'
import { lockDataDir } from './data-dir-lock.ts'
import { identity } from './identity.ts'
import { foundInstitutions } from './institutions-file.ts'
import { type LocalPorts, localPorts } from './local-ports.ts'
import { keepShipped } from './ontologies.ts'
import { openTracing } from './open-tracing.ts'
import { seedAcademy } from './seed/seed-academy.ts'
import { BadSettings, type Settings } from './settings.ts'
import { readTls, renewTls } from './tls-files.ts'
import { watchSeals } from './watch-seals.ts'

const hourMs = 3_600_000

export interface LocalServer {
  url: string
  ports: Ports
  accounts: readonly DemoAccount[]
  stop(): Promise<void>
}

/** The whole academy on one loopback port with embedded engines. Refuses to start on anything it cannot use. */
export async function startLocal(settings: Settings, writeLog: Log): Promise<LocalServer> {
  const { metricsToken } = settings
  const watched =
    metricsToken === undefined ? undefined : (await import('./prometheus.ts')).watchLog(writeLog)
  const log = watched?.log ?? writeLog
  const shipped = loadShipped(settings.ontologyDir)
  const lock = lockDataDir(settings.dataDir)
  const undo: (() => unknown)[] = [() => lock.release()]
  const undoAll = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    let local: LocalPorts | undefined
    // Undone from the last to the first: nothing is closed under a request that is under way.
    undo.push(() => local?.close())
    const front = await listen(settings)
    undo.push(() => close(front.server))
    const publicUrl = settings.publicUrl ?? front.address
    const tracing = await openTracing(settings)
    undo.push(() => tracing?.close())
    local = localPorts(settings, publicUrl, shipped, tracing)
    const { ports, outbox, inBatches, reloadSites } = local
    await keepShipped(shipped, ports)
    await ports.ontologies.refresh()
    const { authenticator, signIn, embedded } = await identity(settings, ports)
    if (embedded) await inBatches(seedAcademy)
    await foundInstitutions(settings, ports)

    const tenants = (await ports.store.listInstitutions()).map(({ tag }) => tag)
    await registerFirstKeys([platformTag, ...tenants], ports)
    await releaseOntology(ports)
    const app = createApp(ports, {
      authenticator,
      ...(signIn ? { signIn } : {}),
      // The codes in it are for whoever tries the academy out, never for who runs it for others.
      ...(settings.production || !outbox ? {} : { outbox }),
      rateLimits: settings.rateLimits,
      streams: streamLimits,
      production: settings.production,
      log,
      ...(watched && metricsToken !== undefined ? { metrics: watched.page(metricsToken, ports) } : {}),
    })
    const toApp = getRequestListener((request, env) => {
      const forwardedFor = request.headers.get('x-forwarded-for') ?? undefined
      const peer = env.incoming.socket.remoteAddress
      return app.fetch(request, {
        ...env,
        visitor: visitorAddress(peer, forwardedFor, settings.trustedProxies),
      })
    })
    front.answerWith((request, response) => {
      if (!embedded || !/^\/oidc(\/|$)/.test(request.url ?? '')) return void toApp(request, response)
      // No passwords: nobody but this machine, and no page that reached it by another name.
      const fromHere =
        isLoopbackAddress(request.socket.remoteAddress) && isLoopbackHost(request.headers.host ?? '')
      if (fromHere) embedded.handle(request, response)
      else response.writeHead(403).end()
    })
    const background = [
      repeat('ontology', 2000, () => takeUpOntology(ports), { log, withMessages: !settings.production }),
      repeat('outbox', 250, (stopped) => deliverEvents(ports, { stopped }), {
        log,
        withMessages: !settings.production,
      }),
      repeat('sites-file', 2000, async () => rereadSites(reloadSites, log), {
        log,
        withMessages: !settings.production,
      }),
      repeat('tls-files', 60_000, front.renew(log), { log, withMessages: !settings.production }),
      repeat('seals', 30_000, watchSeals(ports, log), { log, withMessages: !settings.production }),
      repeat('bulk', 250, (stopped) => workAtBulkJobs(ports, bulkWorker(settings), stopped), {
        log,
        withMessages: !settings.production,
      }),
      repeat('snapshot', hourMs, () => publishDueSnapshot(ports, settings.snapshotEveryDays), {
        log,
        withMessages: !settings.production,
      }),
      repeat('practicals', 250, () => driveAttempts(ports), { log, withMessages: !settings.production }),
      repeat('run-files', 6 * 3_600_000, () => sweepRunFiles(ports), {
        log,
        withMessages: !settings.production,
      }),
    ]
    const stopping = new AbortController()
    const rebuilt = rebuildSupply(ports, stopping.signal).catch((error: unknown) =>
      log({
        level: 'error',
        event: 'background',
        name: 'graph',
        error: describeError(error, !settings.production),
      }),
    )
    undo.push(() => {
      stopping.abort()
      return rebuilt
    })
    undo.push(() => Promise.all(background.map((loop) => loop.stop())))
    return { url: publicUrl, ports, accounts: embedded?.accounts ?? [], stop: undoAll }
  } catch (error) {
    await undoAll()
    throw error
  }
}

const thisProcess = randomUUID()

/**
 * Records in the locked folder have one server: after a crash the next one goes on at once, as the same
 * worker. Records that others share are waited for until the lease of the dead one is over.
 */
const bulkWorker = ({ records }: Settings) => (records === 'sqlite' ? 'local' : `local-${thisProcess}`)

/** Everything there is to do, a slice at a time, so that requests come in between. */
async function workAtBulkJobs(ports: Ports, name: string, stopped: AbortSignal): Promise<void> {
  while (!stopped.aborted && (await stepBulkJobs(ports, { name, slices: 1 })) > 0) {
    await setImmediate()
  }
}

/** A version of `SITES_FILE` that is not in order is told, place by place, and the one before it holds. */
function rereadSites(reload: () => boolean, log: Log): void {
  try {
    if (reload()) log({ level: 'info', event: 'sites-file', outcome: 'taken' })
  } catch (error) {
    if (!(error instanceof BadSettings)) throw error
    log({ level: 'error', event: 'sites-file', outcome: 'refused', problems: error.message.split('\n') })
  }
}

/** Takes the port first, so that an address made from it is known; answers 503 until there is an app. */
async function listen({ tls, port, listenAddress }: Settings) {
  let answer: RequestListener = (_request, response) => {
    response.writeHead(503, { 'retry-after': '1' }).end()
  }
  const listener: RequestListener = (request, response) => answer(request, response)
  const limits = { headersTimeout: 10_000, requestTimeout: 30_000, maxHeaderSize: 16 * 1024 }
  const secure = tls && createTlsServer({ ...limits, ...readTls(tls) }, listener)
  const server = secure ?? createServer(limits, listener)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, port)))
    server.listen(port, listenAddress, resolve)
  })
  const { port: taken } = server.address() as AddressInfo
  return {
    server,
    address: `${tls ? 'https' : 'http'}://127.0.0.1:${taken}`,
    /** Takes up what was renewed in the files of the certificate. */
    renew: (log: Log) => (secure && tls ? renewTls(secure, tls, log) : async () => undefined),
    answerWith(next: RequestListener) {
      answer = next
    },
  }
}

function cannotListen(error: NodeJS.ErrnoException, port: number): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new BadSettings([`PORT: another program listens on ${port}`])
    case 'EACCES':
      return new BadSettings([`PORT: this account may not open ${port}`])
    case 'EADDRNOTAVAIL':
      return new BadSettings(['LISTEN_ADDRESS: must be an address of this machine'])
    default:
      return error
  }
}

/** Lets requests that are under way end, for five seconds at most. */
function close(
  server: Pick<Server, 'close' | 'closeIdleConnections' | 'closeAllConnections'>,
): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), 5000)
    server.close(() => {
      clearTimeout(force)
      resolve()
    })
    server.closeIdleConnections()
  })
}
