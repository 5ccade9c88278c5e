import * as z from 'zod'
import type { Needed } from '../policy.ts'
import { type AwsService, jsonError } from './door.ts'

const zTable = z.object({ TableName: z.string(), IndexName: z.string().optional() })
const zWrites = z.object({
  TransactItems: z.array(
    z.union([
      z.strictObject({ Put: zTable }).transform(({ Put }) => ['dynamodb:PutItem', Put] as const),
      z.strictObject({ Delete: zTable }).transform(({ Delete }) => ['dynamodb:DeleteItem', Delete] as const),
      z.strictObject({ Update: zTable }).transform(({ Update }) => ['dynamodb:UpdateItem', Update] as const),
      z
        .strictObject({ ConditionCheck: zTable })
        .transform(({ ConditionCheck }) => ['dynamodb:ConditionCheckItem', ConditionCheck] as const),
    ]),
  ),
})

/** DynamoDB Local behind what a policy says of the calls: a transaction needs the actions of its parts. */
export function dynamodbStandIn(endpoint: string, tableArn: (name: string) => string): AwsService {
  const on = (action: string, { TableName, IndexName }: z.output<typeof zTable>): Needed => ({
    action,
    resource: `${tableArn(TableName)}${IndexName === undefined ? '' : `/index/${IndexName}`}`,
  })
  return ({ headers, body }) => {
    const target = String(headers['x-amz-target'] ?? '')
    const operation = /^DynamoDB_20120810\.(\w+)$/.exec(target)?.[1]
    if (operation === undefined) return undefined
    const input: unknown = JSON.parse(body.toString('utf8'))
    const needs =
      operation === 'TransactWriteItems'
        ? zWrites.parse(input).TransactItems.map(([action, table]) => on(action, table))
        : [on(`dynamodb:${operation}`, zTable.parse(input))]
    return {
      operation: `dynamodb:${operation}`,
      needs,
      async answer() {
        const answer = await fetch(endpoint, {
          method: 'POST',
          headers: {
            'content-type': 'application/x-amz-json-1.0',
            'x-amz-target': target,
            // It takes any key, but only of letters and digits.
            authorization:
              'AWS4-HMAC-SHA256 Credential=local/20260101/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
            'x-amz-date': String(headers['x-amz-date']),
          },
          body: new Uint8Array(body),
        })
        return {
          status: answer.status,
          headers: { 'content-type': 'application/x-amz-json-1.0' },
          body: new Uint8Array(await answer.arrayBuffer()),
        }
      },
      refuse: jsonError,
    }
  }
}
