/**
 * Reads a batch script as `sbatch` does, strictly: options come from `#SBATCH` lines before the first command, from
 * a short list, with values in forms that say one thing only. What an option asks for is honoured by the practical's
 * own runner; it never reaches the request to a site, where our limits stand.
 */
export interface JobScript {
  text: string
  options: JobOptions
  /** Lines that look like options and are none: after the first command, or not written `#SBATCH `. */
  unheeded: number[]
}

interface JobOptions {
  jobName: string
  partition?: string
  /** Task numbers in rising order; one number stands for a job without `--array`. */
  array?: number[]
  timeMinutes?: number
  /** As asked: of the task. */
  memoryMiB?: number
  cpusPerTask?: number
  /** Patterns with `%A`, `%a`, `%j`, `%x`, `%%`, below the folder the job was submitted from. */
  output?: string
  error?: string
}

export interface ScriptProblem {
  /** From 1; 0 for the script as a whole. */
  line: number
  what: string
}

/** What the practical's machine has. Asking for more would leave a job waiting for ever, so it is refused at once. */
export const partition = {
  name: 'academy',
  mostTasks: 16,
  highestTask: 999,
  cpus: 2,
  memoryMiB: 1024,
  defaultMemoryMiB: 16,
  minutes: 30,
} as const
export const scriptMaxCharacters = 16_384
const mostLineCharacters = 1000

type Reader = (value: string, options: Draft) => string | undefined
interface Draft extends JobOptions {
  memoryPerCpuMiB?: number
}

/** Every option of `sbatch` this practical knows; one more is one line here. */
const readers: Readonly<Record<string, Reader>> = {
  'job-name': (value, options) => {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value)) return 'must be up to 64 letters, digits, . _ or -'
    options.jobName = value
    return undefined
  },
  partition: (value, options) => {
    if (value !== partition.name) return `the only partition is ${partition.name}`
    options.partition = value
    return undefined
  },
  array: (value, options) => {
    const tasks = readArray(value)
    if (typeof tasks === 'string') return tasks
    options.array = tasks
    return undefined
  },
  time: (value, options) => {
    const minutes = readTime(value)
    if (minutes === undefined) return 'must be a time such as 10, 10:00 or 00:10:00'
    if (minutes > partition.minutes) return `the partition gives at most ${partition.minutes} minutes`
    options.timeMinutes = minutes
    return undefined
  },
  mem: (value, options) => readMemory(value, (mebibytes) => (options.memoryMiB = mebibytes)),
  'mem-per-cpu': (value, options) => readMemory(value, (mebibytes) => (options.memoryPerCpuMiB = mebibytes)),
  'cpus-per-task': (value, options) => {
    const cpus = readCount(value, partition.cpus)
    if (cpus === undefined) return `must be a number from 1 to ${partition.cpus}`
    options.cpusPerTask = cpus
    return undefined
  },
  ntasks: (value) =>
    readCount(value, 1) === undefined ? 'must be 1: a task of the array is one process' : undefined,
  nodes: (value) => (readCount(value, 1) === undefined ? 'must be 1: the machine has one node' : undefined),
  output: (value, options) => readPattern(value, (pattern) => (options.output = pattern)),
  error: (value, options) => readPattern(value, (pattern) => (options.error = pattern)),
}
const shortNames: Readonly<Record<string, string>> = {
  J: 'job-name',
  p: 'partition',
  a: 'array',
  t: 'time',
  c: 'cpus-per-task',
  n: 'ntasks',
  N: 'nodes',
  o: 'output',
  e: 'error',
}

/** The script with its options, or what is wrong with it and where. Never throws. */
export function readJobScript(text: string): JobScript | ScriptProblem {
  const whole = problemOfText(text)
  if (whole) return whole
  const lines = text.split('\n')
  const options: Draft = { jobName: 'job' }
  const unheeded: number[] = []
  let commands = false
  for (const [at, line] of lines.entries()) {
    const number = at + 1
    if (at === 0) continue
    // As in sbatch, whatever begins so is an option line, also one that cannot be read.
    const isOption = line.startsWith('#SBATCH')
    if (!commands && isOption) {
      const what = readOption(line.slice('#SBATCH'.length), options)
      if (what !== undefined) return { line: number, what }
      continue
    }
    if (isOption || /^\s*#+\s*SBATCH\b/i.test(line)) unheeded.push(number)
    if (!/^\s*(#.*)?$/.test(line)) commands = true
  }
  if (!commands) return { line: 0, what: 'has no command' }
  const { memoryPerCpuMiB, ...rest } = options
  if (memoryPerCpuMiB === undefined) return { text, options: rest, unheeded }
  if (rest.memoryMiB !== undefined) return { line: 0, what: '--mem and --mem-per-cpu exclude each other' }
  const memoryMiB = memoryPerCpuMiB * (rest.cpusPerTask ?? 1)
  if (memoryMiB > partition.memoryMiB)
    return { line: 0, what: `--mem-per-cpu: the partition gives at most ${partition.memoryMiB}M in all` }
  return { text, options: { ...rest, memoryMiB }, unheeded }
}

function problemOfText(text: string): ScriptProblem | undefined {
  if (text.length > scriptMaxCharacters)
    return { line: 0, what: `is longer than ${scriptMaxCharacters} characters` }
  const lines = text.split('\n')
  for (const [at, line] of lines.entries()) {
    const number = at + 1
    if (line.length > mostLineCharacters)
      return { line: number, what: `is longer than ${mostLineCharacters} characters` }
    if (line.includes('\r'))
      return { line: number, what: 'ends as lines do on Windows; Linux takes the end for a character' }
    if (/[\p{Cc}\u2028\u2029]/u.test(line.replaceAll('\t', '')) || !line.isWellFormed())
      return { line: number, what: 'has a character that no script needs' }
  }
  if (!/^#! ?\/bin\/bash$|^#! ?\/usr\/bin\/env bash$/.test(lines[0] ?? ''))
    return { line: 1, what: 'must name the interpreter: #!/bin/bash' }
  return undefined
}

/** One option a line: `--name=value`, `--name value`, `-n value`, `-nvalue`; a comment may follow. */
function readOption(rest: string, options: Draft): string | undefined {
  const [, long, longValue, short, shortValue] =
    /^\s+(?:--([a-z][a-z-]*)(?:=|\s+)(\S+)|-([A-Za-z])\s*(\S+))\s*(?:\s#.*)?$/.exec(rest) ?? []
  const name = long ?? (short === undefined ? undefined : shortNames[short])
  const value = longValue ?? shortValue
  if (long === undefined && short === undefined)
    return 'must hold one option with its value, such as --time=10 or -t 10'
  const read = name !== undefined && Object.hasOwn(readers, name) ? readers[name] : undefined
  if (!read || value === undefined) return `this option is not known here; known are ${knownOptions}`
  const what = read(unquoted(value), options)
  return what === undefined ? undefined : `--${name}: ${what}`
}

const knownOptions = Object.keys(readers)
  .map((name) => `--${name}`)
  .join(', ')

const unquoted = (value: string) => /^(["'])(.*)\1$/.exec(value)?.[2] ?? value

/** `0-4`, `1,3`, `0-8:2`, `0-4%2`: single numbers and ranges, each with a step. */
function readArray(value: string): number[] | string {
  const [list = '', atOnce] = value.split('%')
  const wrong = 'must be task numbers such as 0-3, 1,4 or 0-8:2'
  if (
    value.split('%').length > 2 ||
    (atOnce !== undefined && readCount(atOnce, partition.mostTasks) === undefined)
  )
    return wrong
  const tasks = new Set<number>()
  for (const part of list.split(',')) {
    const [, from, to, step] = /^(\d{1,6})(?:-(\d{1,6})(?::(\d{1,6}))?)?$/.exec(part) ?? []
    if (from === undefined) return wrong
    const last = Number(to ?? from)
    const by = Number(step ?? 1)
    if (by < 1 || last < Number(from)) return wrong
    if (last > partition.highestTask) return `task numbers go up to ${partition.highestTask}`
    for (let task = Number(from); task <= last; task += by) tasks.add(task)
  }
  if (tasks.size > partition.mostTasks) return `an array has at most ${partition.mostTasks} tasks here`
  return [...tasks].sort((a, b) => a - b)
}

/** Slurm's forms: minutes, minutes:seconds, hours:minutes:seconds, days-hours[:minutes[:seconds]]. Rounded up. */
function readTime(value: string): number | undefined {
  const [, days, hours, minutes = '0', seconds = '0'] =
    /^(\d{1,3})-(\d{1,4})(?::(\d{1,4})(?::(\d{1,4}))?)?$/.exec(value) ?? []
  const parts = days === undefined ? /^(\d{1,6})(?::(\d{1,4}))?(?::(\d{1,4}))?$/.exec(value) : undefined
  let total: number
  if (days !== undefined)
    total = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)
  else if (!parts) return undefined
  else {
    const [, first = '0', second, third] = parts
    total =
      third === undefined
        ? Number(first) * 60 + Number(second ?? 0)
        : (Number(first) * 60 + Number(second)) * 60 + Number(third)
  }
  return total > 0 ? Math.ceil(total / 60) : undefined
}

function readMemory(value: string, take: (mebibytes: number) => void): string | undefined {
  const [, number, unit = 'M'] = /^(\d{1,9})([KMGTkmgt])?$/.exec(value) ?? []
  if (number === undefined) return 'must be a size such as 512M or 1G'
  const each = { K: 1 / 1024, M: 1, G: 1024, T: 1024 * 1024 }[unit.toUpperCase() as 'K' | 'M' | 'G' | 'T']
  const mebibytes = Math.ceil(Number(number) * each)
  if (mebibytes < 1) return 'must be a size such as 512M or 1G'
  if (mebibytes > partition.memoryMiB) return `the partition gives at most ${partition.memoryMiB}M`
  take(mebibytes)
  return undefined
}

function readCount(value: string, most: number): number | undefined {
  const count = /^[1-9]\d{0,5}$/.test(value) ? Number(value) : undefined
  return count !== undefined && count <= most ? count : undefined
}

/** A file below the folder of the job; nothing that could lead out of it. */
function readPattern(value: string, take: (pattern: string) => void): string | undefined {
  if (!/^(?:[A-Za-z0-9._/-]|%[Aajx%]){1,200}$/.test(value))
    return 'must be a file name of letters, digits, . _ - / and %A %a %j %x'
  if (value.startsWith('/') || value.split('/').some((part) => part === '..' || part === ''))
    return 'must be a file below the folder the job is submitted from'
  take(value)
  return undefined
}

/** The file a pattern names for one task. */
export function fileOfPattern(
  pattern: string,
  { jobId, task, name }: { jobId: number; task: number; name: string },
): string {
  const words: Readonly<Record<string, string>> = {
    A: String(jobId),
    a: String(task),
    j: String(jobId + task),
    x: name,
    '%': '%',
  }
  return pattern.replaceAll(/%([Aajx%])/g, (_all, letter: string) => words[letter] ?? '')
}
