import { cpus, loadavg } from 'node:os'
import type { Figure } from './contest.ts'
import { ratio } from './contest.ts'

/** A ratio to another contender of the same run, and the least it may be. */
export interface Bar {
  figure: string
  anchor: string
  atLeast: number
}

export interface JudgedBar extends Bar {
  ratio: number
  met: boolean
}

/** A time in milliseconds that is wanted: printed as met or missed, never judged, for machines differ. */
export interface Aim {
  figure: string
  quantile: 'p50' | 'p95' | 'p99'
  atMost: number
}

export interface HeldAim extends Aim {
  milliseconds: number
  met: boolean
}

export interface Section {
  title: string
  /** What was proved about the work before it was timed. */
  proved: string[]
  figures: Figure[]
  bars: JudgedBar[]
  aims?: HeldAim[]
  notes: string[]
}

/** Holds the figures of one run to their bars; `slack` is the share a bar may be missed by (CI: 0.2). */
export function judge(figures: Figure[], bars: Bar[], slack: number): JudgedBar[] {
  return bars.map((bar) => judgeRatio(bar, ratio(figures, bar.figure, bar.anchor), slack))
}

/** Holds a ratio that was measured otherwise to its bar. */
export function judgeRatio(bar: Bar, measured: number, slack: number): JudgedBar {
  return { ...bar, ratio: measured, met: measured >= bar.atLeast * (1 - slack) }
}

/** Holds a figure to a time that is aimed at. */
export function aim(figures: Figure[], wanted: Aim): HeldAim {
  const figure = figures.find(({ name }) => name === wanted.figure)
  if (!figure) throw new Error(`no contender is called ${wanted.figure}`)
  return holdTime(wanted, figure[wanted.quantile])
}

/** Holds a time that was measured otherwise to what is aimed at. */
export function holdTime(wanted: Aim, milliseconds: number): HeldAim {
  return { ...wanted, milliseconds, met: milliseconds <= wanted.atMost }
}

export function print(section: Section): void {
  console.log(`\n${section.title}`)
  for (const line of section.proved) console.log(`  proved first: ${line}`)
  console.log(
    `  ${'contender'.padEnd(44)} ${'per second'.padStart(12)} ${'spread'.padStart(7)} ${'p50 ms'.padStart(9)} ${'p99 ms'.padStart(9)}`,
  )
  for (const figure of section.figures) {
    console.log(
      `  ${figure.name.padEnd(44)} ${perSecond(figure).padStart(12)} ${`${Math.round(figure.spread * 100)} %`.padStart(7)} ${figure.p50.toFixed(3).padStart(9)} ${figure.p99.toFixed(3).padStart(9)}`,
    )
  }
  for (const bar of section.bars) {
    const verdict = bar.met ? 'met' : 'MISSED'
    console.log(
      `  ${verdict.padEnd(6)} ${bar.figure} = ${bar.ratio.toFixed(2)} × ${bar.anchor} (bar: at least ${bar.atLeast})`,
    )
  }
  for (const { figure, quantile, milliseconds, atMost, met } of section.aims ?? []) {
    console.log(
      `  ${(met ? 'met' : 'missed').padEnd(6)} ${figure}: ${quantile} ${milliseconds.toFixed(3)} ms (aim: at most ${atMost} ms; printed, not judged)`,
    )
  }
  for (const note of section.notes) console.log(`  ${note}`)
}

const perSecond = ({ perSecond: rate }: Figure) =>
  rate < 10 ? rate.toFixed(2) : Math.round(rate).toLocaleString('en')

export function machine(): string {
  const [first] = cpus()
  return `Node ${process.versions.node}, ${cpus().length} cores (${first?.model.trim() ?? 'unknown'}), load ${(loadavg()[0] ?? 0).toFixed(1)}`
}
