import { type AddressInfo, connect, createServer } from 'node:net'
import { onTestFinished } from 'vitest'

/** What happens to one request: it passes, is lost on its way, or is heard and its answer lost. */
export type Fate = 'pass' | 'lose-request' | 'lose-answer'

/** A line to the site, one request per connection, on which requests and answers get lost as told. Answers its address. */
export async function cuttingProxy(target: string, fateOf: (method: string) => Fate): Promise<string> {
  const { hostname, port } = new URL(target)
  const server = createServer((client) => {
    client.on('error', () => {})
    client.once('data', (start: Buffer) => {
      const fate = fateOf(start.toString('latin1').split(' ', 1)[0] ?? '')
      if (fate === 'lose-request') return void client.destroy()
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
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
