/** What AWS's runtime client does, without its native part: asks for events and hands them to the handler. */
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`
const [file, name] = (process.env._HANDLER ?? '').split('.')
const told = (error) => JSON.stringify({ errorType: error?.name, errorMessage: String(error?.message) })
const post = (path, body, more = {}) => fetch(`${api}/${path}`, { method: 'POST', body, ...more })

/** For handlers that answer bit by bit. */
const streaming = Symbol('streaming')
globalThis.awslambda = {
  streamifyResponse: (handler) => Object.assign(handler, { [streaming]: true }),
  HttpResponseStream: {
    from(out, metadata) {
      out.write(JSON.stringify(metadata))
      out.write(Buffer.alloc(8))
      return out
    },
  },
}

let handler
try {
  handler = (await import(join(process.env.LAMBDA_TASK_ROOT ?? '', `${file}.mjs`)))[name]
} catch (error) {
  await post('init/error', told(error))
  process.exit(1)
}
for (;;) {
  const next = await fetch(`${api}/invocation/next`)
  const id = next.headers.get('lambda-runtime-aws-request-id')
  const context = {
    awsRequestId: id,
    getRemainingTimeInMillis: () => Number(next.headers.get('lambda-runtime-deadline-ms')) - Date.now(),
  }
  try {
    const event = await next.json()
    if (handler[streaming]) {
      const out = new PassThrough()
      const headers = {
        'lambda-runtime-function-response-mode': 'streaming',
        'content-type': 'application/vnd.awslambda.http-integration-response',
      }
      const sent = post(`invocation/${id}/response`, Readable.toWeb(out), { headers, duplex: 'half' })
      await handler(event, out, context)
      out.end()
      await sent
    } else await post(`invocation/${id}/response`, JSON.stringify((await handler(event, context)) ?? null))
  } catch (error) {
    await post(`invocation/${id}/error`, told(error))
  }
}
