import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type FirecrestSite, firecrestQueue } from '#adapters/firecrest/queue.ts'
import { systemClock } from '#adapters/node-platform/clock.ts'
import type { Clock } from '#core/ports.ts'

export interface Asked {
  method: string
  path: string
  authorization: string
  contentType: string
  body: string
}
interface ScriptedAnswer {
  status: number
  /** Sent as JSON, a string as it is. */
  body?: unknown
}
/** `cut` ends the connection without an answer; `silent` never answers. */
export type Script = (asked: Asked) => ScriptedAnswer | 'cut' | 'silent'

/** FirecREST's way to tell an error. */
export const failure = (status: number, message: string): ScriptedAnswer => ({
  status,
  body: { errorType: 'error', message, causedBy: null, data: null, user: 'learner' },
})
/** What `scancel` and `sbatch` said, as FirecREST passes it on. */
export const said = (text: string, exit = 1) =>
  failure(500, `Unexpected Slurm command response. exit_status:${exit} std_err:${text}`)

/** File operations of a site that takes every file and has none. */
export const takesFiles: Script = ({ path }) =>
  path.includes('/ops/stat') ? failure(404, 'No such file or directory') : { status: 201, body: {} }
export const isSubmit = ({ method, path }: Asked) => method === 'POST' && path.startsWith('/compute/')

/**
 * An adapter in front of a server that answers as told, and what it was asked. Tokens are given by the same
 * server, numbered; a script sees only what is not about tokens, unless it is called for `/token`.
 */
export async function scriptedFirecrest(
  script: Script,
  more: Partial<FirecrestSite> = {},
  { clock = systemClock, tokens }: { clock?: Clock; tokens?: (number: number) => ScriptedAnswer } = {},
) {
  const asked: Asked[] = []
  let given = 0
  const give = (number: number): ScriptedAnswer => ({
    status: 200,
    body: { access_token: `token-${number}`, token_type: 'Bearer', expires_in: 300 },
  })
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
    const one: Asked = {
      method: request.method ?? '',
      path: request.url ?? '',
      authorization: request.headers.authorization ?? '',
      contentType: request.headers['content-type'] ?? '',
      body: Buffer.concat(parts).toString(),
    }
    asked.push(one)
    const told = one.path === '/token' ? (tokens ?? give)(++given) : script(one)
    if (told === 'silent') return
    if (told === 'cut') return void request.socket.destroy()
    const text = typeof told.body === 'string'
    response.writeHead(told.status, { 'content-type': text ? 'text/plain' : 'application/json' })
    response.end(text ? told.body : told.body === undefined ? '' : JSON.stringify(told.body))
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const folder = mkdtempSync(join(tmpdir(), 'academy-firecrest-'))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const secretFile = join(folder, 'secret')
  writeFileSync(secretFile, 'a secret: of/the client\n')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const queue = firecrestQueue({
    clock,
    program: ({ id }) => (id === 'none' ? undefined : `/site/programs/${id}.mjs`),
    timeoutMs: 400,
    site: {
      name: 'scripted',
      url,
      system: 'aif',
      tokenUrl: `${url}/token`,
      partitions: [
        {
          name: 'academy',
          maxMinutes: 10,
          cpus: 8,
          memoryGiB: 64,
          gpus: { type: 'h200', count: 4 },
          arch: 'x86_64',
          costPerHour: 0,
          machine: { cpu: 'a processor', limits: 'enforced' },
        },
      ],
      accounts: {
        work: { user: 'learner', clientId: 'academy work', secretFile },
        grade: { user: 'grader', clientId: 'academy-grade', secretFile },
      },
      folder: { there: '/site' },
      nodeFile: '/site/programs/node',
      ...more,
    },
  })
  return { queue, secretFile, asked, calls: () => asked.filter(({ path }) => path !== '/token') }
}
