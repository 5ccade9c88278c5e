import type { IncomingMessage } from 'node:http'
import * as z from 'zod'

const zPrelude = z.object({
  statusCode: z.int(),
  headers: z.record(z.string(), z.string()).default({}),
})
/** Without it the prelude would be a part of the body. */
const withPrelude = 'application/vnd.awslambda.http-integration-response'
/** Between the prelude and the body. */
const separator = Buffer.alloc(8)

/**
 * What a function sends bit by bit, as a response that can be read while it comes: a prelude of JSON, eight
 * zero bytes, the body. Ends when all of it has come.
 */
export async function streamedResponse(
  request: IncomingMessage,
  begin: (response: Response) => void,
): Promise<void> {
  if (request.headers['content-type'] !== withPrelude) throw new Error('an answer comes without its prelude')
  let head = Buffer.alloc(0)
  let writer: WritableStreamDefaultWriter<Uint8Array> | undefined
  for await (const chunk of request) {
    if (writer) {
      await writer.write(new Uint8Array(chunk as Buffer))
      continue
    }
    head = Buffer.concat([head, chunk as Buffer])
    const end = head.indexOf(separator)
    if (end < 0) continue
    const { statusCode, headers } = zPrelude.parse(JSON.parse(head.subarray(0, end).toString()))
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(undefined, undefined, {
      highWaterMark: 1000,
    })
    writer = writable.getWriter()
    begin(new Response(readable, { status: statusCode, headers }))
    const rest = head.subarray(end + separator.length)
    if (rest.length > 0) await writer.write(new Uint8Array(rest))
  }
  // An error after the beginning comes behind the body.
  const failed = request.trailers['lambda-runtime-function-error-type']
  if (failed) await writer?.abort(new Error(`the function failed in mid-answer: ${failed}`))
  else await writer?.close()
}
