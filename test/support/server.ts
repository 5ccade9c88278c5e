import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A server of ours in its own process, as `npm start` runs it. */
export interface RunningServer {
  url: string
  pid: number
  /** Everything it printed so far. */
  output(): string
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>
  /** `kill -9`, and waits for the end. */
  kill(): Promise<void>
}

export interface ServerOptions {
  dataDir: string
  /** The same port on a restart keeps links and identifiers valid. */
  port?: number
  tls?: { certFile: string; keyFile: string }
  env?: Record<string, string>
  /** Longest wait for `ready`. */
  readyWithinSeconds?: number
}

/** A port nobody listens on at the moment, on loopback. */
export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
}

/** Starts `functions/local.ts` and waits for the line `ready`; throws with its output when it ends before. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const port = options.port ?? (await freePort())
  const url = options.tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`
  const child = spawn(process.execPath, ['functions/local.ts'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      PORT: String(port),
      PUBLIC_URL: url,
      DATA_DIR: options.dataDir,
      // Drills start the server again and again: its modules are compiled once.
      NODE_COMPILE_CACHE: join(tmpdir(), 'academy-compile-cache'),
      ...(options.tls ? { TLS_CERT_FILE: options.tls.certFile, TLS_KEY_FILE: options.tls.keyFile } : {}),
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const killLeftover = () => child.kill('SIGKILL')
  process.once('exit', killLeftover)
  void ended.then(() => process.removeListener('exit', killLeftover))

  await readyLine(child, ended, () => output, options.readyWithinSeconds ?? 30)
  const { pid } = child
  if (pid === undefined) throw new Error('the server has no process id')
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    child.kill(signal)
    await ended
  }
  return { url, pid, output: () => output, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') }
}

async function readyLine(
  child: ChildProcess,
  ended: Promise<void>,
  output: () => string,
  seconds: number,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000
  let over = false
  void ended.then(() => {
    over = true
  })
  while (!/^ready$/m.test(output())) {
    if (over) throw new Error(`the server ended before it was ready:\n${output()}`)
    if (Date.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`the server was not ready within ${seconds} s:\n${output()}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
