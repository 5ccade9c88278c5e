import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { place } from './read-assembly.ts'
import { streamedResponse } from './streamed-response.ts'

export interface DeployedFunction {
  invoke(event: unknown): Promise<unknown>
  /** For a function that answers bit by bit: as soon as it begins to. */
  invokeStreaming(event: unknown): Promise<Response>
  /** What it wrote, on both outputs. */
  output(): string
  /** What its template gives it. */
  environment: Readonly<Record<string, string>>
  /** What its runtime client calls itself; of the client AWS ships this begins with `AWS_Lambda_Cpp`. */
  client(): string
  /** Kills the process now, whatever it is at. */
  kill(): void
  /** Kills the process so long after it was handed its next event, unless that is answered sooner. */
  killInNext(milliseconds: number): void
  /** Ends the process, as Lambda does with one that nobody needs; the next event starts another. */
  freeze(): void
  stop(): Promise<void>
}

interface Invocation {
  id: string
  event: string
  answer: (request: IncomingMessage) => Promise<void>
  reject: (error: Error) => void
}

/**
 * The client AWS ships where its engine was started (`test/engines/ric`), else a few lines of ours. `RUNTIME=ric`
 * insists on the former, `RUNTIME=own` asks for the latter.
 */
const client = clientOf(process.env)

function clientOf({ RUNTIME: asked, RIC_CLIENT: genuine }: NodeJS.ProcessEnv): string {
  if (genuine && asked !== 'own') return genuine
  if (asked === 'ric') throw new Error('RUNTIME: ric needs RIC_CLIENT; `test/engines/ric/start.sh` prints it')
  return join(import.meta.dirname, 'bootstrap.mjs')
}

/**
 * One function under the Runtime API of Lambda: a process of its own whose folder is the asset and whose
 * environment is exactly the template's and Lambda's, one event at a time, ended when its time is over.
 */
export async function runFunction(parts: {
  name: string
  assetFolder: string
  handler: string
  timeoutSeconds: number
  megabytes: number
  environment: Record<string, string>
}): Promise<DeployedFunction> {
  const waiting: Invocation[] = []
  const running = new Map<string, Invocation & { timer: NodeJS.Timeout }>()
  let idle: ServerResponse | undefined
  let child: ChildProcess | undefined
  let written = ''
  let askedBy = ''
  let killAfter: number | undefined

  const server = createServer(async (request, response) => {
    const [, call = '', id = '', kind = ''] =
      /^\/2018-06-01\/runtime\/(invocation|init)\/([\w-]+)(?:\/(\w+))?$/.exec(request.url ?? '') ?? []
    if (request.method === 'GET' && id === 'next') {
      idle = response
      askedBy = request.headers['user-agent'] ?? ''
      return hand()
    }
    const invocation = running.get(id)
    if (kind === 'response')
      await invocation?.answer(request).catch((error: Error) => invocation.reject(error))
    const body = kind === 'response' ? '' : await bodyOf(request)
    response.statusCode = 202
    response.end()
    if (call === 'init') return failAll(new Error(`${parts.name} cannot be loaded: ${body}`))
    running.delete(id)
    clearTimeout(invocation?.timer)
    if (kind !== 'response') invocation?.reject(new Error(`${parts.name} failed: ${body}`))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo

  /** Gives the next event to the process that asks for one. */
  function hand(): void {
    const invocation = idle && waiting.shift()
    if (!idle || !invocation) return
    const answer = idle
    idle = undefined
    const timer = setTimeout(() => kill('its time is over'), parts.timeoutSeconds * 1000)
    running.set(invocation.id, { ...invocation, timer })
    const arn = `arn:aws:lambda:${place.region}:${place.account}:function:${parts.name}`
    answer.setHeader('content-type', 'application/json')
    answer.setHeader('lambda-runtime-aws-request-id', invocation.id)
    answer.setHeader('lambda-runtime-deadline-ms', String(Date.now() + parts.timeoutSeconds * 1000))
    answer.setHeader('lambda-runtime-invoked-function-arn', arn)
    answer.setHeader('lambda-runtime-trace-id', `Root=1-${randomUUID()}`)
    answer.end(invocation.event)
    if (killAfter !== undefined) {
      // An event that was answered sooner is past killing; the next one is not meant.
      setTimeout(() => running.has(invocation.id) && kill('by the test'), killAfter)
    }
    killAfter = undefined
  }

  function failAll(error: Error): void {
    for (const { reject, timer } of running.values()) {
      clearTimeout(timer)
      reject(error)
    }
    running.clear()
    for (const { reject } of waiting.splice(0)) reject(error)
  }

  function kill(why: string): void {
    child?.kill('SIGKILL')
    child = undefined
    idle = undefined
    failAll(new Error(`${parts.name} was killed: ${why}`))
  }

  function start(): void {
    const started = spawn(process.execPath, [client, parts.handler], {
      cwd: parts.assetFolder,
      env: {
        ...parts.environment,
        AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
        _HANDLER: parts.handler,
        LAMBDA_TASK_ROOT: resolve(parts.assetFolder),
        AWS_LAMBDA_FUNCTION_NAME: parts.name,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(parts.megabytes),
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${parts.name}`,
        AWS_LAMBDA_LOG_STREAM_NAME: 'local',
        TZ: ':UTC',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child = started
    for (const stream of [started.stdout, started.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        written += chunk.toString()
      })
    }
    started.once('exit', () => {
      if (child === started) kill('it ended by itself')
    })
  }

  function put<T>(
    event: unknown,
    answerOf: (request: IncomingMessage, done: (answer: T) => void) => Promise<void>,
  ): Promise<T> {
    return new Promise((done, reject) => {
      const answer = (request: IncomingMessage) => answerOf(request, done)
      waiting.push({ id: randomUUID(), event: JSON.stringify(event), answer, reject })
      if (!child) start()
      hand()
    })
  }

  return {
    invoke: (event) =>
      put<unknown>(event, async (request, done) => {
        if (isStreamed(request))
          throw new Error(`${parts.name} streams its answer to somebody who waits for all of it`)
        done(JSON.parse(await bodyOf(request)))
      }),
    invokeStreaming: (event) =>
      put<Response>(event, async (request, done) => {
        if (!isStreamed(request)) throw new Error(`${parts.name} does not stream its answer`)
        await streamedResponse(request, done)
      }),
    output: () => written,
    environment: parts.environment,
    client: () => askedBy,
    kill: () => kill('by the test'),
    killInNext(milliseconds) {
      killAfter = milliseconds
    },
    freeze() {
      if (running.size > 0) throw new Error(`${parts.name} is at work`)
      child?.removeAllListeners('exit')
      child?.kill('SIGKILL')
      child = undefined
      idle = undefined
    },
    stop() {
      kill('the harness stops')
      return new Promise<void>((done) => {
        server.close(() => done())
        server.closeAllConnections()
      })
    },
  }
}

/** What the runtime client says of an answer that comes bit by bit. */
const isStreamed = ({ headers }: IncomingMessage) =>
  headers['lambda-runtime-function-response-mode'] === 'streaming'

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
