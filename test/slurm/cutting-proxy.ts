import { type AddressInfo, connect, createServer } from 'node:net'
import { onTestFinished } from 'vitest'

/**
 * What happens to one request: it passes, is lost on its way, is heard and its answer lost, or is lost for its
 * sender and heard all the same, long after.
 */
export type Fate = 'pass' | 'lose-request' | 'lose-answer' | 'come-late'

const lateMs = 120_000

/**
 * A line to the site, one request per connection, on which requests and answers get lost as told: by its method
 * and by what came of it first. Answers its address.
 */
export async function cuttingProxy(
  target: string,
  fateOf: (method: string, head: string) => Fate,
  heardLate: () => void = () => {},
): Promise<string> {
  const { hostname, port } = new URL(target)
  const timers: NodeJS.Timeout[] = []
  const server = createServer((client) => {
    client.on('error', () => {})
    client.once('data', (start: Buffer) => {
      const head = start.toString('latin1')
      const fate = fateOf(head.split(' ', 1)[0] ?? '', head)
      if (fate === 'lose-request') return void client.destroy()
      if (fate === 'come-late') {
        client.destroy()
        const timer = setTimeout(() => {
          const site = connect(Number(port), hostname, () => site.write(start))
          site.on('error', () => {})
          site.once('data', () => {
            site.destroy()
            heardLate()
          })
        }, lateMs)
        timers.push(timer)
        return
      }
      const site = connect(Number(port), hostname, () => {
        site.write(start)
        client.pipe(site)
      })
      site.on('error', () => client.destroy())
      client.on('close', () => site.destroy())
      // The first byte of an answer says that the site has done what it was asked.
      if (fate === 'lose-answer') site.once('data', () => client.destroy())
      else site.pipe(client)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const timer of timers) clearTimeout(timer)
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
