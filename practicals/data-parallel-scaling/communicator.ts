import type { MessagePort } from 'node:worker_threads'

/** How a rank reaches the others; what it sends is counted. */
export interface Communicator {
  rank: number
  size: number
  /** The values are copied: the sender may go on with its own. */
  send: (to: number, values: Float32Array) => void
  receive: (from: number) => Promise<Float32Array>
  traffic: Traffic
}

export interface Traffic {
  messages: number
  bytes: number
}

/** Messages between threads, one channel for each pair. */
export function portCommunicator(rank: number, ports: ReadonlyMap<number, MessagePort>): Communicator {
  const traffic = { messages: 0, bytes: 0 }
  const arrived = new Map<number, Float32Array[]>()
  const waiting = new Map<number, (values: Float32Array) => void>()
  for (const [from, port] of ports) {
    const queue: Float32Array[] = []
    arrived.set(from, queue)
    port.on('message', (values: Float32Array) => {
      const take = waiting.get(from)
      waiting.delete(from)
      if (take) take(values)
      else queue.push(values)
    })
  }
  return {
    rank,
    size: ports.size + 1,
    traffic,
    send(to, values) {
      const copy = values.slice()
      traffic.messages++
      traffic.bytes += copy.byteLength
      ports.get(to)?.postMessage(copy, [copy.buffer])
    },
    receive(from) {
      const next = arrived.get(from)?.shift()
      return next ? Promise.resolve(next) : new Promise((resolve) => waiting.set(from, resolve))
    },
  }
}
