import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import type { JobHardware, JobLimits, JobOutcome } from '#core/practicals/queue.ts'
import { folderBytes } from './artefact.ts'
import { jobMemoryMiB, prlimitArguments } from './limits.ts'
import { signalGroup } from './process-group.ts'

export interface JobProcess {
  pid: number
  /** Asks it to end, then makes it end. */
  stop(why: 'cancelled' | 'infrastructure'): void
  ended: Promise<{ outcome: JobOutcome; reason: string; exitCode?: number }>
}

export interface JobProgram {
  /** The constant program of the practical. */
  file: string
  workFolder: string
  logFolder: string
  environment: Record<string, string>
  secret: Uint8Array | undefined
  limits: JobLimits
  prlimit: string | undefined
  /** Between the polite signal and the one nobody can ignore. */
  graceMs: number
}

const watchMs = 200

/** Starts a job as a process group of its own with only the environment given, under limits. */
export function runJob(program: JobProgram): JobProcess {
  const { limits, prlimit, workFolder } = program
  const node = [
    `--max-old-space-size=${Math.max(32, limits.memoryMiB)}`,
    '--disable-warning=ExperimentalWarning',
    program.file,
  ]
  const [command, args] = prlimit
    ? [prlimit, [...prlimitArguments(limits), '--', process.execPath, ...node]]
    : [process.execPath, node]
  const child = spawn(command, args, {
    cwd: workFolder,
    env: bareEnvironment(program.environment),
    detached: process.platform !== 'win32',
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  })
  // Not in the environment, not in the command line: both can be read by other processes of the user.
  child.stdin?.on('error', () => {})
  child.stdin?.end(program.secret ?? '')
  return { pid: child.pid ?? 0, ...watch(child, program) }
}

/** Nothing of the server's own environment; Windows cannot start a process without its system folder. */
function bareEnvironment(given: Record<string, string>): Record<string, string> {
  const root = process.env['SystemRoot']
  return process.platform === 'win32' && root ? { SystemRoot: root, ...given } : given
}

function watch(
  child: ChildProcess,
  { limits, workFolder, logFolder, graceMs }: JobProgram,
): Omit<JobProcess, 'pid'> {
  const pid = child.pid ?? 0
  let verdict: { outcome: JobOutcome; reason: string } | undefined
  let printed = 0
  let tail = ''
  let kill: NodeJS.Timeout | undefined
  const end = (outcome: JobOutcome, reason: string) => {
    if (verdict || child.exitCode !== null || child.signalCode !== null) return
    verdict = { outcome, reason }
    signalGroup(pid, 'SIGTERM')
    kill = setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs)
  }
  mkdirSync(logFolder, { recursive: true })
  for (const name of ['stdout', 'stderr'] as const) {
    const log = createWriteStream(join(logFolder, `${name}.log`), { mode: 0o600 })
    log.on('error', () => {})
    child[name]?.on('data', (chunk: Buffer) => {
      printed += chunk.length
      if (printed > limits.outputBytes) return end('output-limit', 'OUTPUT_LIMIT')
      if (name === 'stderr') tail = (tail + chunk.toString('latin1')).slice(-8192)
      log.write(chunk)
    })
    child[name]?.on('close', () => log.end())
  }
  const wall = setTimeout(() => end('timeout', 'TIMEOUT'), limits.wallSeconds * 1000)
  const watcher = setInterval(() => {
    const used = jobMemoryMiB(pid)
    if (used !== undefined && used > limits.memoryMiB) end('out-of-memory', 'OUT_OF_MEMORY')
    else if (printed + folderBytes(workFolder, limits.outputBytes) > limits.outputBytes) {
      end('output-limit', 'OUTPUT_LIMIT')
    }
  }, watchMs)

  const ended = new Promise<Awaited<JobProcess['ended']>>((resolve) => {
    const finish = (result: Awaited<JobProcess['ended']>) => {
      clearTimeout(wall)
      clearInterval(watcher)
      clearTimeout(kill)
      // Whatever the job left running ends with it.
      if (pid > 0) signalGroup(pid, 'SIGKILL')
      resolve(result)
    }
    child.once('error', () => finish({ outcome: 'infrastructure', reason: 'LAUNCH_FAILED' }))
    // `exit`, not `close`: a child the job left behind may hold the pipes open for ever.
    child.once('exit', (code, signal) => {
      const exit = code === null ? {} : { exitCode: code }
      const late = folderBytes(workFolder, limits.outputBytes) > limits.outputBytes
      if (verdict) return finish({ ...verdict, ...exit })
      if (late) return finish({ outcome: 'output-limit', reason: 'OUTPUT_LIMIT', ...exit })
      // Standard error may still hold the engine's last words.
      setTimeout(() => finish({ ...explain(code, signal, tail), ...exit }), 20)
    })
  })
  return { ended, stop: (why) => end(why, why === 'cancelled' ? 'CANCELLED' : 'NODE_FAIL') }
}

function explain(
  code: number | null,
  signal: string | null,
  tail: string,
): { outcome: JobOutcome; reason: string } {
  if (code === 0) return { outcome: 'completed', reason: 'COMPLETED' }
  // prlimit ends the process itself by signal 24 or the shell's 152 for it.
  if (signal === 'SIGXCPU') return { outcome: 'timeout', reason: 'CPU_LIMIT' }
  if (signal === 'SIGXFSZ' || /EFBIG|File too large/i.test(tail))
    return { outcome: 'output-limit', reason: 'FILE_LIMIT' }
  if (
    /out of memory|allocation failed|ERR_MEMORY_ALLOCATION_FAILED|ERR_WORKER_OUT_OF_MEMORY|ENOMEM/i.test(tail)
  ) {
    return { outcome: 'out-of-memory', reason: 'OUT_OF_MEMORY' }
  }
  return { outcome: 'failed', reason: signal ?? 'NonZeroExitCode' }
}

/** This machine, as the evidence states it. */
export function hardware(enforced: boolean): JobHardware & { limits: 'enforced' | 'watched' } {
  const processors = cpus()
  return {
    cpu: (processors[0]?.model ?? 'unknown').replace(/\s+/g, ' ').trim() || 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    gpus: 0,
    limits: enforced ? 'enforced' : 'watched',
  }
}
