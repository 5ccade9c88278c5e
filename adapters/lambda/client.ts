import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'

/** Leaves a function something to do and does not wait: Lambda keeps it, and tries three times. */
export async function tellFunction(FunctionName: string, event: object): Promise<void> {
  const Payload = JSON.stringify(event)
  await new LambdaClient({}).send(new InvokeCommand({ FunctionName, Payload, InvocationType: 'Event' }))
}

/** Asks a function and waits; throws when it failed. */
export function lambdaClient(): (functionName: string, event: object) => Promise<unknown> {
  const client = new LambdaClient({})
  return async (FunctionName, event) => {
    const answer = await client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }))
    if (answer.FunctionError !== undefined) throw new Error('the function that was asked failed')
    return JSON.parse(answer.Payload?.transformToString() ?? 'null')
  }
}
