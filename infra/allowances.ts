/** What each function may do, and nothing else; `test/infra/allowances.test.ts` holds the templates to it. */

const read = ['dynamodb:GetItem', 'dynamodb:Query']
// A transaction is allowed by the actions of its parts.
const write = ['dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:ConditionCheckItem']
const sign = ['kms:Sign', 'kms:GetPublicKey']
const secret = ['secretsmanager:GetSecretValue']

export interface Allowance {
  records: string[]
  learnerKeys: string[]
  signingKeys: string[]
  masterSecret: string[]
}

export const allowances = {
  graphql: {
    records: [...read, ...write],
    learnerKeys: ['dynamodb:GetItem', ...write],
    signingKeys: ['kms:GetPublicKey'],
    masterSecret: secret,
  },
  wallet: {
    records: [...read, ...write],
    learnerKeys: ['dynamodb:GetItem'],
    signingKeys: sign,
    masterSecret: secret,
  },
  pages: {
    records: [...read, ...write],
    learnerKeys: ['dynamodb:GetItem', ...write],
    signingKeys: ['kms:GetPublicKey'],
    masterSecret: secret,
  },
  'status-lists': { records: read, learnerKeys: [], signingKeys: sign, masterSecret: secret },
  outbox: {
    records: [...read, ...write],
    learnerKeys: ['dynamodb:GetItem'],
    signingKeys: [],
    masterSecret: secret,
  },
} as const satisfies Record<string, Allowance>

export type Entry = keyof typeof allowances
