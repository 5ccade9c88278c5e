import { AwsError, type AwsService } from './door.ts'

/** The call by which one function asks another and waits, or leaves it something to do. `invoke` answers undefined when there is no such function. */
export function lambdaStandIn(
  functionArn: (name: string) => string,
  invoke: (name: string, event: unknown) => Promise<unknown> | undefined,
): AwsService {
  return ({ method, path, body, headers }) => {
    const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path)?.[1]
    if (method !== 'POST' || name === undefined) return undefined
    return {
      operation: 'lambda:InvokeFunction',
      needs: [{ action: 'lambda:InvokeFunction', resource: functionArn(name) }],
      async answer() {
        const work = invoke(name, JSON.parse(body.toString('utf8') || 'null'))
        if (!work)
          throw new AwsError('ResourceNotFoundException', 'there is no such function', { status: 404 })
        if (headers['x-amz-invocation-type'] === 'Event') {
          // Whoever left it hears nothing of how it went.
          void work.catch(() => undefined)
          return { status: 202, body: '' }
        }
        try {
          return { body: JSON.stringify((await work) ?? null) }
        } catch (error) {
          return {
            headers: { 'x-amz-function-error': 'Unhandled' },
            body: JSON.stringify({ errorMessage: String(error) }),
          }
        }
      },
      refuse: ({ code, message, status }) => ({
        status,
        headers: { 'x-amzn-errortype': code },
        body: JSON.stringify({ message }),
      }),
    }
  }
}
