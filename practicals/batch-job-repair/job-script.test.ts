import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from '#core/parse.ts'
import { faultyScript, singleFaults, soundScript } from './faulty-script.ts'
import { fileOfPattern, partition, readJobScript, scriptMaxCharacters } from './job-script.ts'
import { batchJobRepair } from './practical.ts'

const script = (...lines: string[]) => ['#!/bin/bash', ...lines, 'true', ''].join('\n')
function optionsOf(...lines: string[]) {
  const read = readJobScript(script(...lines))
  if ('what' in read) throw new Error(`line ${read.line}: ${read.what}`)
  return read.options
}

describe('a job script', () => {
  test.each<[string, object]>([
    ['#SBATCH --array=0-4', { array: [0, 1, 2, 3, 4] }],
    ['#SBATCH -a 3,1', { array: [1, 3] }],
    ['#SBATCH --array=0-8:4%2', { array: [0, 4, 8] }],
    ['#SBATCH --mem=1G', { memoryMiB: 1024 }],
    ['#SBATCH --mem=65536K # as much as it needs', { memoryMiB: 64 }],
    ['#SBATCH --mem "64"', { memoryMiB: 64 }],
    ['#SBATCH --time=90', undefined as unknown as object],
    ['#SBATCH --time=10', { timeMinutes: 10 }],
    ['#SBATCH -t 10:30', { timeMinutes: 11 }],
    ['#SBATCH -t00:05:00', { timeMinutes: 5 }],
    ['#SBATCH --time=0-0:20', { timeMinutes: 20 }],
    ['#SBATCH --job-name=a.b-c', { jobName: 'a.b-c' }],
    ['#SBATCH\t-o\tout/%x-%A_%a.log', { output: 'out/%x-%A_%a.log' }],
    ['#SBATCH --cpus-per-task=2', { cpusPerTask: 2 }],
  ])('with %s asks for what sbatch would take it for', (line, asked) => {
    if (asked === undefined) expect(() => optionsOf(line)).toThrow('at most 30 minutes')
    else expect(optionsOf(line)).toMatchObject(asked)
  })

  test('asks per processor for that many processors, whichever line comes first', () => {
    expect(optionsOf('#SBATCH --mem-per-cpu=100', '#SBATCH -c 2')).toMatchObject({ memoryMiB: 200 })
    expect(optionsOf('#SBATCH -c 2', '#SBATCH --mem-per-cpu=100')).toMatchObject({ memoryMiB: 200 })
  })

  test('the last of two equal options counts', () => {
    expect(optionsOf('#SBATCH --mem=1G', '#SBATCH --mem=64M').memoryMiB).toBe(64)
  })

  test('is heeded only before its first command, and only where a line begins so', () => {
    const read = readJobScript(
      [
        '#!/bin/bash',
        '',
        '# a comment',
        '# SBATCH --mem=1G',
        '##SBATCH --mem=1G',
        'cd x',
        '#SBATCH --mem=64M',
        '',
      ].join('\n'),
    )
    expect(read).toMatchObject({ options: { jobName: 'job' }, unheeded: [4, 5, 7] })
    expect('options' in read && read.options.memoryMiB).toBeUndefined()
  })

  test.each([
    ['', 1, 'interpreter'],
    ['true\n', 1, 'interpreter'],
    ['#!/usr/bin/python3\nx\n', 1, 'interpreter'],
    ['#!/bin/bash\r\ntrue\r\n', 1, 'Windows'],
    ['#!/bin/bash\n# nothing\n', 0, 'no command'],
    [`#!/bin/bash\n${'x'.repeat(1001)}\n`, 2, 'longer'],
    [`#!/bin/bash\n${'x\n'.repeat(scriptMaxCharacters)}`, 0, 'longer'],
    [script('echo \0'), 2, 'character'],
    [script('echo \u001b[2J'), 2, 'character'],
    [script('echo \ud800'), 2, 'character'],
    [script('#SBATCH --account=other'), 2, 'not known'],
    [script('#SBATCH --mem-per-cpus=1G'), 2, 'not known'],
    [script('#SBATCH --gres=gpu:8'), 2, 'not known'],
    [script('#SBATCH --wrap=id'), 2, 'not known'],
    [script('#SBATCH --uid=0'), 2, 'not known'],
    [script('#SBATCH -time=10'), 2, '--time'],
    [script('#SBATCH --exclusive'), 2, 'one option'],
    [script('#SBATCH'), 2, 'one option'],
    [script('#SBATCH--mem=1G'), 2, 'one option'],
    [script('#SBATCH --mem=1G --time=10'), 2, 'one option'],
    [script('#SBATCH --mem=1G \\'), 2, 'one option'],
    [script('#SBATCH --mem=2G'), 2, 'at most 1024M'],
    [script('#SBATCH --mem=99999999T'), 2, 'at most 1024M'],
    [script('#SBATCH --mem=1G', '#SBATCH --mem-per-cpu=1G'), 0, 'exclude'],
    [script('#SBATCH -c 2', '#SBATCH --mem-per-cpu=1G'), 0, 'at most 1024M in all'],
    [script('#SBATCH --mem=-1'), 2, '--mem'],
    [script('#SBATCH --array=0-99999'), 2, 'up to 999'],
    [script('#SBATCH --array=0-999'), 2, 'at most 16'],
    [script('#SBATCH --array=4-0'), 2, '--array'],
    [script('#SBATCH --array=$(id)'), 2, '--array'],
    [script('#SBATCH --array=0-4:0'), 2, '--array'],
    [script('#SBATCH --partition=gpu'), 2, 'academy'],
    [script('#SBATCH --cpus-per-task=3'), 2, 'from 1 to 2'],
    [script('#SBATCH --nodes=2'), 2, 'one node'],
    [script('#SBATCH --output=/etc/passwd'), 2, 'below the folder'],
    [script('#SBATCH --output=../up.log'), 2, 'below the folder'],
    [script('#SBATCH --output=$HOME/a.log'), 2, 'file name'],
    [script('#SBATCH --output=%u.log'), 2, 'file name'],
    [script('#SBATCH --job-name=a;id'), 2, '--job-name'],
    [script('#SBATCH --time=0'), 2, 'a time'],
  ])('%j is refused, with the line and what is wrong with it', (text, line, what) => {
    expect(readJobScript(text)).toMatchObject({ line, what: expect.stringContaining(what) })
  })

  test('is refused at the edge with its line and without its words', () => {
    const input = { script: script('#SBATCH --mem=secret-word') }
    expect(() => parse(batchJobRepair.zConfiguration, input)).toThrow(
      /^script: line 2: --mem: must be a size/,
    )
    expect(() => parse(batchJobRepair.zConfiguration, input)).not.toThrow(/secret-word/)
    expect(() => parse(batchJobRepair.zConfiguration, { script: 'x'.repeat(1024 * 1024) })).toThrow('script')
  })
})

describe('whatever is handed in', () => {
  const line = fc.oneof(
    fc.string({ maxLength: 60, unit: 'binary' }),
    fc
      .tuple(
        fc.constantFrom('#SBATCH ', '#SBATCH', '# SBATCH ', '##SBATCH '),
        fc.constantFrom('--mem', '--array', '-a', '--output', '-t', '--job-name', '--uid', '-c'),
        fc.constantFrom('=', ' ', ''),
        fc.oneof(
          fc.string({ maxLength: 12, unit: 'binary' }),
          fc.stringMatching(/^[0-9:,%GKM-]{1,10}$/),
          fc.constantFrom('0-4', '../x', '$(id)', '"', "'", '\0', '%a%A', 'a/../b'),
        ),
      )
      .map((parts) => parts.join('')),
    fc.constantFrom('', '# comment', 'true', 'cat <<E', '#!/bin/bash'),
  )
  const text = fc
    .tuple(fc.constantFrom('#!/bin/bash', '#!/usr/bin/env bash', ''), fc.array(line, { maxLength: 12 }))
    .map(([first, rest]) => [first, ...rest].join('\n'))

  test('it is read or refused, never thrown, and what is read keeps within what the machine has', () => {
    fc.assert(
      fc.property(text, (handedIn) => {
        const read = readJobScript(handedIn)
        if ('what' in read) {
          expect(read.line).toBeLessThanOrEqual(handedIn.split('\n').length)
          return
        }
        expect(read.text).toBe(handedIn)
        const {
          array,
          memoryMiB = 1,
          timeMinutes = 1,
          cpusPerTask = 1,
          jobName,
          output = 'a',
          error = 'a',
        } = read.options
        expect(array?.length ?? 1).toBeLessThanOrEqual(partition.mostTasks)
        for (const task of array ?? [])
          expect(task).toSatisfy((n: number) => Number.isInteger(n) && n >= 0 && n <= 999)
        expect(memoryMiB).toSatisfy((n: number) => n >= 1 && n <= partition.memoryMiB)
        expect(timeMinutes).toSatisfy((n: number) => n >= 1 && n <= partition.minutes)
        expect(cpusPerTask).toSatisfy((n: number) => n >= 1 && n <= partition.cpus)
        expect(jobName).toMatch(/^[A-Za-z0-9._-]{1,64}$/)
        for (const pattern of [output, error]) {
          const file = fileOfPattern(pattern, { jobId: 1, task: 2, name: jobName })
          expect(file).toMatch(/^[A-Za-z0-9._%][A-Za-z0-9._%/-]*$|^-/)
          expect(file.split('/')).not.toContain('..')
        }
      }),
      { numRuns: 1500 },
    )
  })

  test('an option before the first command is heeded or refused, and one after it does nothing', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1024 }),
        fc.array(fc.constantFrom('', '# words', '  ')),
        (size, between) => {
          const option = `#SBATCH --mem=${size}M`
          const before = readJobScript(['#!/bin/bash', ...between, option, 'true'].join('\n'))
          const after = readJobScript(['#!/bin/bash', ...between, 'true', option].join('\n'))
          expect(before).toMatchObject({ options: { memoryMiB: size }, unheeded: [] })
          expect(after).toMatchObject({ unheeded: [between.length + 3] })
          expect('options' in after && after.options.memoryMiB).toBeUndefined()
        },
      ),
      { numRuns: 100 },
    )
  })
})

describe('the task', () => {
  test('every script that may be set can be handed in as it is', () => {
    for (const text of [soundScript(), ...singleFaults()])
      expect(readJobScript(text)).toHaveProperty('options')
    for (let seed = 0; seed < 50; seed++) expect(readJobScript(faultyScript(seed))).toHaveProperty('options')
  })

  test('is the same for one learner and differs between learners', () => {
    const drawn = new Set(Array.from({ length: 50 }, (_, seed) => faultyScript(seed)))
    expect(faultyScript(7)).toBe(faultyScript(7))
    expect(drawn.size).toBeGreaterThan(30)
    expect(drawn).not.toContain(soundScript())
  })
})
