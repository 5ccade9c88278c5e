import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { entryBytes } from '#core/practicals/entry-bytes.ts'

/** What the queue tells a job of its box (`boxEnvironment` in `core/practicals/site.ts`). */
export interface BoxVariables {
  SKA_BOX?: string
  SKA_BOX_IMAGE?: string
  SKA_BOX_SHA256?: string
}

/** `none` shuts nothing in: only the local executor says it, on one's own machine. */
export type BoxKind = 'bwrap' | 'apptainer' | 'none'

/** Throws when the job was given no box. */
export function boxKind({ SKA_BOX: box, SKA_BOX_IMAGE: image }: BoxVariables): BoxKind {
  if (box !== 'bwrap' && box !== 'apptainer' && box !== 'none')
    throw new Error('this job was given no box for programs of learners')
  if (box === 'apptainer' && !image) throw new Error('SKA_BOX_IMAGE is not set')
  return box
}

export interface Mount {
  /** On the machine, absolute. */
  from: string
  /** In the box. */
  to: string
  writable?: boolean
}

/** A program of the learner, and everything it is to find in its box. */
export interface BoxedProgram {
  /** What runs, by its paths inside. */
  command: readonly string[]
  /** All it gets of an environment, beside `PATH`. */
  environment: Readonly<Record<string, string>>
  /** Files and folders it sees, beside the system's programs; later ones lie upon earlier ones. */
  mounts: readonly Mount[]
  /** Inside. */
  workingDirectory: string
  limits: BoxLimits
}

interface BoxLimits {
  wallSeconds: number
  cpuSeconds: number
  /** Writable memory of each process. */
  memoryMiB: number
  bytesPerFile: number
  /** All files of the writable mounts together; looked at five times a second. */
  bytesInAll: number
  processes: number
  openFiles: number
}

/** Where a program finds what is mounted: without a box, where it lies. */
export const placeOf = (box: BoxKind, { from, to }: Mount): string => (box === 'none' ? from : to)

/** A command to `spawn`; its whole environment is in it. */
export interface BoxedCommand {
  file: string
  args: string[]
  env: Record<string, string>
  cwd: string
}

const path = '/usr/bin:/bin'

/**
 * The command that runs a learner's program shut in: no network, no other process, no file but its own, no variable
 * but those given. Its own environment is `PATH` alone: anything else could be read in the box's first process.
 * Without a box the program runs beside everything else, under its limits alone.
 */
export function boxedCommand(program: BoxedProgram, box: BoxVariables): BoxedCommand {
  const kind = boxKind(box)
  if (kind === 'none') {
    const [file, ...args] = limited(program.limits, program.command)
    const { environment, workingDirectory: cwd } = program
    return { file, args, env: { PATH: path, ...environment }, cwd }
  }
  const [file, ...args] = kind === 'bwrap' ? bwrap(program) : apptainer(program, box.SKA_BOX_IMAGE ?? '')
  return { file, args, env: { PATH: path }, cwd: '/' }
}

/** Throws unless the image of the box is the one the site names. Read whole, so once per job. */
export async function checkBoxImage(box: BoxVariables): Promise<void> {
  if (boxKind(box) !== 'apptainer') return
  const hash = createHash('sha256')
  for await (const part of createReadStream(box.SKA_BOX_IMAGE ?? '')) hash.update(part as Buffer)
  if (hash.digest('hex') !== box.SKA_BOX_SHA256)
    throw new Error('the image of the box is not the one the site names')
}

export interface BoxedEnd {
  exitCode: number
  /** What ended it, when it did not end itself. */
  stopped?: 'wall-time' | 'output' | 'signal'
}

const watchMs = 200

/** Runs a program nobody trusts to its end. When this process or the box ends, everything in it ends. */
export function runBoxed(program: BoxedProgram, box: BoxVariables): Promise<BoxedEnd> {
  const { limits, mounts } = program
  const { file, args, ...where } = boxedCommand(program, box)
  const child = spawn(file, args, { ...where, stdio: 'ignore', detached: true })
  const writable = mounts.filter((mount) => mount.writable).map(({ from }) => from)
  const tooMuch = () => bytesBelow(writable, limits.bytesInAll) > limits.bytesInAll
  return new Promise((resolve, reject) => {
    let stopped: BoxedEnd['stopped']
    const stop = (why: BoxedEnd['stopped']) => {
      stopped ??= why
      endGroup(child.pid)
    }
    const wall = setTimeout(() => stop('wall-time'), limits.wallSeconds * 1000)
    const watch = setInterval(() => {
      if (tooMuch()) stop('output')
    }, watchMs)
    const done = () => {
      clearTimeout(wall)
      clearInterval(watch)
      // Without a box, whatever was left running ends here.
      endGroup(child.pid)
    }
    child.once('error', (error) => {
      done()
      reject(error)
    })
    child.once('exit', (code, signal) => {
      done()
      if (tooMuch()) stopped ??= 'output'
      if (signal) stopped ??= 'signal'
      resolve({ exitCode: code ?? 137, ...(stopped ? { stopped } : {}) })
    })
  })
}

/** The whole group, which is the child's own. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined || pid <= 1) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nothing left to end.
  }
}

type Command = [string, ...string[]]

/** No network, no other process, no home, no variable, no rights; of the system only what programs need to start. */
const bwrapFlags =
  '--unshare-all --unshare-user --disable-userns --die-with-parent --new-session --clearenv --cap-drop ALL ' +
  '--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/sbin /sbin --symlink usr/lib /lib --symlink usr/lib64 /lib64 ' +
  // Where the system chooses between programs of one name, as between two kinds of awk.
  '--ro-bind-try /etc/alternatives /etc/alternatives --proc /proc --dev /dev'

function bwrap({ command, environment, mounts, workingDirectory, limits }: BoxedProgram): Command {
  return [
    '/usr/bin/bwrap',
    ...bwrapFlags.split(' '),
    '--size',
    String(limits.bytesInAll),
    '--tmpfs',
    '/tmp',
    ...mounts.flatMap(({ from, to, writable }) => [writable ? '--bind' : '--ro-bind', from, to]),
    ...Object.entries({ PATH: path, ...environment }).flatMap(([name, value]) => ['--setenv', name, value]),
    '--chdir',
    workingDirectory,
    '--',
    ...limited(limits, command, `--nproc=${limits.processes}`),
  ]
}

const apptainerFlags = '--silent exec --containall --no-home --cleanenv --no-privs --net --network none'

function apptainer(
  { command, environment, mounts, workingDirectory, limits }: BoxedProgram,
  image: string,
): Command {
  return [
    '/usr/bin/apptainer',
    ...apptainerFlags.split(' '),
    '--pwd',
    workingDirectory,
    ...mounts.flatMap(({ from, to, writable }) => ['--bind', `${from}:${to}${writable ? '' : ':ro'}`]),
    ...Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    image,
    ...limited(limits, command, `--nproc=${limits.processes}`),
  ]
}

/**
 * Set inside the box and never raised again. Processes are counted there only: the count is of the account, and
 * outside it has others.
 */
function limited(limits: BoxLimits, command: readonly string[], ...more: string[]): Command {
  return [
    '/usr/bin/prlimit',
    '--core=0',
    `--cpu=${limits.cpuSeconds}`,
    `--data=${limits.memoryMiB * 1024 * 1024}`,
    `--fsize=${limits.bytesPerFile}`,
    `--nofile=${limits.openFiles}`,
    ...more,
    '--',
    ...command,
  ]
}

/** Bytes of all files and folders below some folders, links not followed; stops counting past `enough`. */
function bytesBelow(folders: readonly string[], enough: number): number {
  let bytes = 0
  const look = (folder: string) => {
    try {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (bytes > enough) return
        const file = join(folder, entry.name)
        if (entry.isDirectory()) {
          bytes += entryBytes.folder
          look(file)
        } else {
          bytes +=
            entryBytes.other + (entry.isFile() ? (statSync(file, { throwIfNoEntry: false })?.size ?? 0) : 0)
        }
      }
    } catch (error) {
      // Gone since it was listed; or shut, and who shuts a folder from us may have anything in it.
      if ((error as NodeJS.ErrnoException).code === 'EACCES') bytes = Number.POSITIVE_INFINITY
    }
  }
  for (const folder of folders) look(folder)
  return bytes
}
