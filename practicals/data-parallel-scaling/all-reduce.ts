import type { Communicator, Traffic } from './communicator.ts'
import { weightCount } from './model.ts'
import { stepsOf, type TrainingConfiguration } from './practical.ts'

type Exchange = TrainingConfiguration['exchange']

/** Puts the sum over all ranks in the place of each rank's own values. One order of adding: the same bits each time. */
export async function allReduce(
  exchange: Exchange,
  values: Float32Array,
  others: Communicator,
): Promise<void> {
  if (others.size === 1 || exchange === 'none') return
  await (exchange === 'ring' ? ringSum(values, others) : gatherSum(values, others))
}

/** Piece `number` of the values when they are cut into `of` pieces. */
function piece(values: Float32Array, number: number, of: number): Float32Array {
  const at = ((number % of) + of) % of
  return values.subarray(Math.floor((values.length * at) / of), Math.floor((values.length * (at + 1)) / of))
}

/** Each rank talks to its neighbours only: first the pieces are summed on their way round, then sent round whole. */
async function ringSum(values: Float32Array, { rank, size, send, receive }: Communicator): Promise<void> {
  const next = (rank + 1) % size
  const previous = (rank - 1 + size) % size
  for (let step = 0; step < size - 1; step++) {
    send(next, piece(values, rank - step, size))
    add(piece(values, rank - step - 1, size), await receive(previous))
  }
  for (let step = 0; step < size - 1; step++) {
    send(next, piece(values, rank + 1 - step, size))
    piece(values, rank - step, size).set(await receive(previous))
  }
}

/** Everything to rank 0 and back: simple, and rank 0 sends as much as all others together. */
async function gatherSum(values: Float32Array, { rank, size, send, receive }: Communicator): Promise<void> {
  if (rank > 0) {
    send(0, values)
    values.set(await receive(0))
    return
  }
  for (let from = 1; from < size; from++) add(values, await receive(from))
  for (let to = 1; to < size; to++) send(to, values)
}

function add(to: Float32Array, from: Float32Array): void {
  for (let at = 0; at < to.length; at++) to[at] = (to[at] as number) + (from[at] as number)
}

/** Whether the ranks exchange after this step; they always do after the last one. */
export const exchangesAfter = (
  step: number,
  steps: number,
  { exchangeEvery }: TrainingConfiguration,
): boolean => (step + 1) % exchangeEvery === 0 || step + 1 === steps

/** What each rank must send in a whole training: worked out, not counted. */
export function expectedTraffic(configuration: TrainingConfiguration, samples?: number): Traffic[] {
  const { workers, exchange } = configuration
  const steps = stepsOf(configuration, samples)
  const times = Array.from({ length: steps }, (_, step) => exchangesAfter(step, steps, configuration)).filter(
    Boolean,
  ).length
  const all = new Float32Array(weightCount)
  const bytesOf = (number: number) => piece(all, number, workers).byteLength
  return Array.from({ length: workers }, (_, rank) => {
    if (workers === 1 || exchange === 'none') return { messages: 0, bytes: 0 }
    if (exchange === 'gather') {
      const messages = rank === 0 ? workers - 1 : 1
      return { messages: messages * times, bytes: messages * times * all.byteLength }
    }
    let bytes = 0
    for (let step = 0; step < workers - 1; step++) bytes += bytesOf(rank - step) + bytesOf(rank + 1 - step)
    return { messages: 2 * (workers - 1) * times, bytes: bytes * times }
  })
}
