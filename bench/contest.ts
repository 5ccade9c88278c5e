import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

// What one contender has littered is not to be swept up in the time of the next.
setFlagsFromString('--expose-gc')
export const collectGarbage = runInNewContext('gc') as () => void

/** One contender: `run` does one unit of work. */
export interface Contender {
  name: string
  run(): unknown
}

/** Work at the start of a turn that is not counted: in it, the contender before goes out of the caches. */
const leadInMilliseconds = 30

/**
 * Milliseconds of work between two looks at the clock, as near as whole runs allow. The same for all: a
 * busy machine interrupts long stretches more often than short ones, which would flatter the fast.
 */
const stretchMilliseconds = 0.2

export interface Figure {
  name: string
  /** Median over the rounds of what a round's median unit of work allows: other people's load does not count. */
  perSecond: number
  /** (largest − smallest) / median over the rounds. */
  spread: number
  /** Milliseconds; over single units of work in all rounds. */
  p50: number
  p95: number
  p99: number
  /** One entry per round, in order: units per second. */
  rounds: number[]
}

export interface ContestOptions {
  rounds: number
  /** Time each contender gets in a round. */
  roundMilliseconds: number
}

/**
 * Runs contenders in turns A B C A B C …, so that a noisy machine is equally unkind to all.
 * The first round warms up and is thrown away.
 */
export async function contest(contenders: Contender[], options: ContestOptions): Promise<Figure[]> {
  const rounds = contenders.map((): number[] => [])
  const times = contenders.map((): number[] => [])
  const batches = contenders.map(() => 1)
  for (let round = -1; round < options.rounds; round++) {
    for (const [place, contender] of contenders.entries()) {
      const measured = await oneTurn(contender, batches[place] ?? 1, options.roundMilliseconds)
      if (round < 0) {
        batches[place] = Math.max(1, Math.round((measured.perSecond * stretchMilliseconds) / 1000))
        continue
      }
      rounds[place]?.push(measured.perSecond)
      times[place]?.push(...measured.milliseconds)
    }
  }
  return contenders.map(({ name }, place) => figureFrom(name, rounds[place] ?? [], times[place] ?? []))
}

/** A figure of work too long to take turns in; `milliseconds` of each time it was done. */
export function figureOf(name: string, milliseconds: readonly number[]): Figure {
  const figure = figureFrom(
    name,
    milliseconds.map((time) => 1000 / time),
    milliseconds,
  )
  return { ...figure, rounds: [figure.perSecond] }
}

function figureFrom(name: string, perRound: number[], milliseconds: readonly number[]): Figure {
  const all = milliseconds.toSorted((a, b) => a - b)
  const middle = median(perRound)
  return {
    name,
    perSecond: middle,
    spread: (Math.max(...perRound) - Math.min(...perRound)) / middle,
    p50: quantile(all, 0.5),
    p95: quantile(all, 0.95),
    p99: quantile(all, 0.99),
    rounds: perRound,
  }
}

/** Median over the rounds of (this contender ÷ that one) of the same round. */
export function ratio(figures: Figure[], name: string, anchor: string): number {
  const one = find(figures, name)
  const other = find(figures, anchor)
  return median(one.rounds.map((perSecond, round) => perSecond / (other.rounds[round] ?? Number.NaN)))
}

async function oneTurn(contender: Contender, batch: number, milliseconds: number) {
  const single: number[] = []
  collectGarbage()
  let now = performance.now()
  const counted = now + leadInMilliseconds
  while (now < counted + milliseconds || single.length === 0) {
    const before = now
    for (let i = 0; i < batch; i++) {
      const answer = contender.run()
      if (answer instanceof Promise) await answer
    }
    now = performance.now()
    if (before >= counted) single.push((now - before) / batch)
  }
  return { perSecond: 1000 / median(single), milliseconds: single }
}

function find(figures: Figure[], name: string): Figure {
  const figure = figures.find((one) => one.name === name)
  if (!figure) throw new Error(`no contender is called ${name}`)
  return figure
}

function median(values: number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  )
}

function quantile(sorted: number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
