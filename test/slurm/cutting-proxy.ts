import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** What happens to one request: it passes, is lost on its way, or is heard and its answer lost. */
export type Fate = 'pass' | 'lose-request' | 'lose-answer'

/** A line to the site on which requests and answers get lost as told. Answers its address. */
export async function cuttingProxy(
  target: string,
  fateOf: (request: { method: string; path: string }) => Fate,
): Promise<string> {
  const server = createServer((request, response) => void carry(request, response))
  async function carry(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
    const { method = '', url = '', headers } = request
    const fate = fateOf({ method, path: url })
    if (fate === 'lose-request') return void request.socket.destroy()
    const onward = httpRequest(`${target}${url}`, { method, headers, agent: false }, (answer) => {
      if (fate === 'lose-answer') {
        answer.resume()
        answer.on('end', () => request.socket.destroy())
        return
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => request.socket.destroy())
    onward.end(Buffer.concat(parts))
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
