import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { JobLimits } from '#core/practicals/queue.ts'

/** `prlimit` of util-linux, where the machine has it; without it limits are only watched from outside. */
export function findPrlimit(): string | undefined {
  if (process.platform !== 'linux') return undefined
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/bin']) {
    const file = join(folder, 'prlimit')
    try {
      if (folder === '') continue
      accessSync(file, constants.X_OK)
      return file
    } catch {
      // Not here; look on.
    }
  }
  return undefined
}

/** Writable memory the engine claims beyond what it uses: some 600 MiB for itself and each of its threads. */
const claimedMiB = 8192

/** Arguments of `prlimit` for a job. The CPU limit is per process and ends it by SIGXCPU. */
export function prlimitArguments({
  cpuSeconds,
  memoryMiB,
  outputBytes,
  openFiles,
  processes,
}: JobLimits): string[] {
  return [
    '--core=0',
    `--cpu=${cpuSeconds}:${cpuSeconds + 2}`,
    // A hard stop behind the watched limit. Not the address space: the JavaScript engine reserves gigabytes it
    // never touches, and of writable memory, too, it claims more than it uses.
    `--data=${(memoryMiB + claimedMiB) * 1024 * 1024}`,
    `--fsize=${outputBytes}`,
    `--nofile=${openFiles}`,
    `--nproc=${tasksOfUser() + processes}`,
  ]
}

/** The kernel counts every thread of the user, not of the job: what runs already is added to the allowance. */
function tasksOfUser(): number {
  const user = process.getuid?.()
  let tasks = 0
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      if (statSync(`/proc/${entry}`).uid === user) tasks += readdirSync(`/proc/${entry}/task`).length
    } catch {
      // Gone since it was listed.
    }
  }
  return tasks
}

/**
 * Memory in use by a job, in MiB: by its process group, and by whatever descends from it in groups of its own, as
 * a box does. `undefined` where the system does not say.
 */
export function jobMemoryMiB(group: number): number | undefined {
  if (process.platform !== 'linux') return undefined
  const parents = new Map<number, number>()
  const members = new Set<number>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const pid = Number(entry)
    const fields = fieldsOf(pid)
    if (!fields) continue
    parents.set(pid, Number(fields[3]))
    if (fields[4] === String(group)) members.add(pid)
  }
  const belongs = (pid: number): boolean => {
    const parent = parents.get(pid)
    const found = members.has(pid) || (parent !== undefined && parent > 1 && belongs(parent))
    if (found) members.add(pid)
    return found
  }
  const pages = [...parents.keys()].filter(belongs).reduce((sum, pid) => sum + residentPages(pid), 0)
  return (pages * 4096) / 1024 / 1024
}

/** 0 for a process that is gone since it was listed. */
function residentPages(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1] ?? 0)
  } catch {
    return 0
  }
}

/** When a process started, in clock ticks since boot: tells a process from a later one with the same number. */
export function startTicks(pid: number): string | undefined {
  return fieldsOf(pid)?.[21]
}

/** `undefined` for a process that is gone. */
function fieldsOf(pid: number): string[] | undefined {
  try {
    return statFields(pid)
  } catch {
    return undefined
  }
}

/** Fields of /proc/PID/stat, counted from 0; the name, which may hold spaces, is one field. */
function statFields(pid: number): string[] | undefined {
  if (process.platform !== 'linux') return undefined
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const close = text.lastIndexOf(')')
  return [
    String(pid),
    'name',
    ...text
      .slice(close + 2)
      .trim()
      .split(' '),
  ]
}
