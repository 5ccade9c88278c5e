import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { systemClock } from '#adapters/node-platform/clock.ts'
import { type SlurmQueue, type SlurmSite, slurmQueue } from '#adapters/slurm/queue.ts'
import type { SitePartition } from '#core/practicals/site.ts'

interface Asked {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: string
}
export interface ScriptedAnswer {
  status: number
  /** Sent as JSON, a string as text. */
  body?: unknown
}
/**
 * `cut` ends the connection without an answer; `silent` never answers; `drip` answers a little at a time, for
 * ever; `flood` answers as fast as it can, for ever.
 */
export type Script = (asked: Asked) => ScriptedAnswer | 'cut' | 'silent' | 'drip' | 'flood'

export interface ScriptedSite {
  queue: SlurmQueue
  asked: Asked[]
  /** The shared folder of the site. */
  folder: string
  tokenFile: string
}

/** A token as Slurm makes them, signed with nothing: only its end is read on our side. */
export function token(secondsFromNow: number | undefined): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const exp = secondsFromNow === undefined ? {} : { exp: Math.floor(Date.now() / 1000) + secondsFromNow }
  return `${part({ alg: 'HS256' })}.${part({ iat: 1, sun: 'learner', ...exp })}.c2ln`
}

function pour(response: ServerResponse, how: 'drip' | 'flood'): void {
  const part = how === 'drip' ? ' ' : ' '.repeat(1024 * 1024)
  response.writeHead(200, { 'content-type': 'application/json' })
  const more = () => {
    if (response.destroyed) return
    if (how === 'drip') setTimeout(more, 50)
    else response.once('drain', more)
    response.write(part)
  }
  more()
}

/** An adapter in front of a server that answers as told, and what it was asked. */
export async function scriptedSite(
  script: Script,
  { partition, ...more }: Partial<SlurmSite> & { partition?: Partial<SitePartition> } = {},
): Promise<ScriptedSite> {
  const asked: Asked[] = []
  const server = createServer((request, response) => void answer(request, response))
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
    const one = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(parts).toString(),
    }
    asked.push(one)
    const said = script(one)
    if (said === 'silent') return
    if (said === 'cut') return void request.socket.destroy()
    if (said === 'drip' || said === 'flood') return pour(response, said)
    const text = typeof said.body === 'string'
    response.writeHead(said.status, { 'content-type': text ? 'text/plain' : 'application/json' })
    response.end(text ? said.body : said.body === undefined ? '' : JSON.stringify(said.body))
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const folder = mkdtempSync(join(tmpdir(), 'academy-scripted-'))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  for (const part of ['inbox/work', 'inbox/grade', 'jobs/work', 'jobs/grade'])
    mkdirSync(join(folder, part), { recursive: true })
  const tokenFile = join(folder, 'token')
  writeFileSync(tokenFile, token(600))
  const queue = slurmQueue({
    clock: systemClock,
    program: ({ id }) => (id === 'none' ? undefined : `/site/programs/${id}.mjs`),
    timeoutMs: 400,
    site: {
      name: 'scripted',
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      apiVersion: 'v0.0.38',
      accounting: false,
      partitions: [
        {
          name: 'academy',
          maxMinutes: 10,
          cpus: 2,
          memoryGiB: 8,
          arch: 'x86_64',
          machine: { cpu: 'a processor', limits: 'enforced' },
          costPerHour: 0,
          ...partition,
        },
      ],
      accounts: { work: { user: 'learner', tokenFile }, grade: { user: 'grader', tokenFile } },
      folder: { here: folder, there: '/site' },
      nodeFile: '/site/programs/node',
      ...more,
    },
  })
  return { queue, asked, folder, tokenFile }
}
