import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A line to an engine that can be cut, and mended at the same address. */
export interface CutLine {
  /** `host:port`. */
  address: string
  cut(): Promise<void>
  mend(): Promise<void>
}

/** `to`: `host:port`. */
export async function cutLine(to: string): Promise<CutLine> {
  const [host = '', port = ''] = to.split(':')
  const open = new Set<Socket>()
  let server: Server | undefined
  const listen = async (on: number) => {
    server = createServer((from) => {
      const engine = connect(Number(port), host)
      for (const [socket, other] of [
        [from, engine],
        [engine, from],
      ] as const) {
        open.add(socket)
        socket.on('error', () => other.destroy())
        socket.once('close', () => {
          open.delete(socket)
          other.destroy()
        })
      }
      from.pipe(engine)
      engine.pipe(from)
    })
    await new Promise<void>((resolve) => server?.listen(on, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }
  const own = await listen(0)
  return {
    address: `127.0.0.1:${own}`,
    async cut() {
      const closed = new Promise<void>((resolve) => server?.close(() => resolve()))
      for (const socket of open) socket.destroy()
      await closed
    },
    async mend() {
      await listen(own)
    },
  }
}
