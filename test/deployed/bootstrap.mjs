/** What AWS's runtime client does, without its native part: asks for events and hands them to the handler. */
import { join } from 'node:path'

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`
const [file, name] = (process.env._HANDLER ?? '').split('.')
const told = (error) => JSON.stringify({ errorType: error?.name, errorMessage: String(error?.message) })
const post = (path, body) => fetch(`${api}/${path}`, { method: 'POST', body })

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
  try {
    const answer = await handler(await next.json(), { awsRequestId: id })
    await post(`invocation/${id}/response`, JSON.stringify(answer ?? null))
  } catch (error) {
    await post(`invocation/${id}/error`, told(error))
  }
}
