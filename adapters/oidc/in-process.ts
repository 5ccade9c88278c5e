import { createServer, type RequestListener, request } from 'node:http'
import { duplexPair } from 'node:stream'

const maxAnswerBytes = 64 * 1024

/**
 * Posts a form to a handler of this very process over a pair of streams: real HTTP, and no socket, so that
 * neither a firewall, a self-made certificate nor the guard of outgoing requests stands in between.
 */
export function inProcess(handler: RequestListener) {
  const server = createServer(handler)
  return (path: string, form: URLSearchParams) =>
    new Promise<{ status: number; body: Record<string, unknown> }>((resolve, reject) => {
      const [here, there] = duplexPair()
      server.emit('connection', there)
      const call = request(
        {
          createConnection: () => here,
          method: 'POST',
          path,
          headers: { 'content-type': 'application/x-www-form-urlencoded', connection: 'close' },
        },
        (answer) => {
          const parts: Buffer[] = []
          let size = 0
          answer.on('data', (part: Buffer) => {
            size += part.length
            if (size > maxAnswerBytes) answer.destroy(new Error('the answer is too large'))
            else parts.push(part)
          })
          answer.on('error', reject)
          answer.on('end', () => {
            try {
              const body = JSON.parse(Buffer.concat(parts).toString('utf8')) as Record<string, unknown>
              resolve({ status: answer.statusCode ?? 500, body })
            } catch (error) {
              reject(error)
            }
          })
        },
      )
      call.on('error', reject)
      call.end(form.toString())
    })
}
