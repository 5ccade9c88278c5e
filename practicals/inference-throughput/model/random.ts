/** A seeded source of numbers in [0, 1); the same seed gives the same row on every machine. */
export type RandomSource = () => number

/** Mixes a 32-bit counter (Weyl sequence, two multiply-xorshift rounds). Not for secrets. */
export function seededRandom(seed: number): RandomSource {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    mixed ^= mixed >>> 15
    return (mixed >>> 0) / 4294967296
  }
}

/** Normal with mean 0 and variance 1, as a sum of twelve uniform draws: no logarithm, so no platform can differ. */
export function normal(random: RandomSource): number {
  let sum = -6
  for (let draw = 0; draw < 12; draw++) sum += random()
  return sum
}

/** One of `choices`, the first ones likelier: each takes `lead` of what is left. */
export function skewedChoice<T>(random: RandomSource, choices: readonly T[], lead: number): T {
  let at = 0
  while (at < choices.length - 1 && random() >= lead) at++
  return choices[at] as T
}
