import { TransactionCanceledException, TransactionInProgressException } from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamoRecords } from '#adapters/dynamodb/records.ts'
import { createTables } from '#adapters/dynamodb/tables.ts'
import { sqliteRecords } from '#adapters/sqlite/records.ts'
import type { RecordWrite } from '#core/records.ts'
import { contractTime, recordsContract } from '#test/contracts/records.ts'
import { expectSameAnswers, histories } from '#test/contracts/records-differential.ts'
import { freshDynamoRecords } from '#test/support/dynamodb.ts'
import { settableClock } from '#test/support/fixed-ports.ts'

recordsContract('DynamoDB', (clock) => freshDynamoRecords(clock))

const clock = settableClock(contractTime)
let dynamo: Awaited<ReturnType<typeof freshDynamoRecords>>
beforeAll(async () => {
  dynamo = await freshDynamoRecords(clock)
})
afterAll(() => dynamo.close())

test('SQLite and DynamoDB answer every generated history alike, step by step', async () => {
  const sqlite = sqliteRecords(':memory:', () => clock.now())
  let run = 0
  const history = fc.integer().chain(() => {
    const pk = `T#differential#${++run}`
    return histories(pk, Math.floor(new Date(contractTime).getTime() / 1000))
  })
  try {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        clock.set(contractTime)
        await expectSameAnswers(steps, sqlite, dynamo.records, (seconds) => clock.advance({ seconds }))
      }),
      { numRuns: Number(process.env['DIFFERENTIAL_RUNS'] ?? 150), endOnFailure: true },
    )
  } finally {
    sqlite.close()
  }
})

test('tables that are there already are left as they are', async () => {
  await createTables(dynamo.client, dynamo.tables)
})

describe('what no local engine raises is injected', () => {
  const canceled = (...codes: string[]) =>
    new TransactionCanceledException({
      $metadata: {},
      message: 'Transaction cancelled',
      CancellationReasons: codes.map((Code) => ({ Code })),
    })
  const put = (sk: string): RecordWrite => ({
    put: { pk: 'T#injected', sk, version: 1, data: {} },
    if: 'absent',
  })
  const waits: number[] = []

  /** Fails the first transactions with these errors, then lets them through; tells the token of each try. */
  function failing(errors: Error[]) {
    const tokens: string[] = []
    const client = dynamo.client
    waits.length = 0
    client.middlewareStack.add(
      (next, context) => (args) => {
        if (context.commandName !== 'TransactWriteItemsCommand') return next(args)
        tokens.push((args.input as { ClientRequestToken: string }).ClientRequestToken)
        const error = errors.shift()
        if (error) throw error
        return next(args)
      },
      { step: 'initialize', name: 'fail', override: true },
    )
    const records = dynamoRecords({
      client,
      tables: dynamo.tables,
      now: () => clock.now(),
      wait: async (milliseconds) => void waits.push(milliseconds),
    })
    return { records, tokens, restore: () => client.middlewareStack.remove('fail') }
  }

  test.each(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])(
    '%s is tried again under a new token, after a growing wait',
    async (code) => {
      const { records, tokens, restore } = failing([canceled('None', code), canceled(code, 'None')])
      try {
        expect(await records.transact([put(code), put(`${code}2`)])).toEqual({ ok: true })
      } finally {
        restore()
      }
      expect(new Set(tokens).size).toBe(3)
      expect(waits).toHaveLength(2)
      for (const wait of waits) expect(wait).toBeLessThanOrEqual(800)
      expect(await records.get({ pk: 'T#injected', sk: code })).toBeDefined()
    },
  )

  test('a transaction still in progress is asked for again under the same token', async () => {
    const inProgress = new TransactionInProgressException({ $metadata: {}, message: 'in progress' })
    const { records, tokens, restore } = failing([inProgress])
    try {
      expect(await records.transact([put('in-progress')])).toEqual({ ok: true })
    } finally {
      restore()
    }
    expect(tokens).toHaveLength(2)
    expect(new Set(tokens).size).toBe(1)
  })

  test('one that stays in progress is not told as busy: it may be written yet', async () => {
    const inProgress = new TransactionInProgressException({ $metadata: {}, message: 'in progress' })
    const { records, restore } = failing(Array.from({ length: 50 }, () => inProgress))
    try {
      await expect(records.transact([put('open')])).rejects.toThrow(TransactionInProgressException)
    } finally {
      restore()
    }
  })

  test('a conflict beside a failed condition is tried again: only a clean answer names the first failure', async () => {
    const both = canceled('TransactionConflict', 'ConditionalCheckFailed')
    const { records, restore } = failing([both])
    try {
      expect(await records.transact([put('clean'), put('clean2')])).toEqual({ ok: true })
    } finally {
      restore()
    }
  })

  test('conflicts without end are refused as busy, with nothing written', async () => {
    const { records, tokens, restore } = failing(
      Array.from({ length: 50 }, () => canceled('TransactionConflict')),
    )
    try {
      await expect(records.transact([put('never')])).rejects.toMatchObject({ code: 'storage_busy' })
    } finally {
      restore()
    }
    expect(tokens).toHaveLength(10)
    expect(await records.get({ pk: 'T#injected', sk: 'never' })).toBeUndefined()
  })

  test('a cancellation for another reason is a defect and is thrown', async () => {
    const { records, restore } = failing([canceled('ValidationError')])
    try {
      await expect(records.transact([put('invalid')])).rejects.toThrow(TransactionCanceledException)
    } finally {
      restore()
    }
  })

  test('an answer lost on the way is asked for again and counts once', async () => {
    let sent = 0
    dynamo.client.middlewareStack.add(
      (next, context) => async (args) => {
        const answer = await next(args)
        if (context.commandName === 'TransactWriteItemsCommand' && sent++ === 0) {
          throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET' })
        }
        return answer
      },
      { step: 'deserialize', name: 'lose', override: true },
    )
    try {
      expect(await dynamo.records.transact([put('lost')])).toEqual({ ok: true })
    } finally {
      dynamo.client.middlewareStack.remove('lose')
    }
    expect(sent).toBe(2)
  })

  test('ten writers that meet on one item each get an answer, and none is lost', async () => {
    const key = { pk: 'T#injected', sk: 'counter' }
    await dynamo.records.transact([{ put: { ...key, version: 1, data: {} } }])
    const raise = async () => {
      for (;;) {
        const version = (await dynamo.records.get(key))?.version ?? 0
        const answer = await dynamo.records.transact([
          { put: { ...key, version: version + 1, data: {} }, if: { version } },
        ])
        if (answer.ok) return
      }
    }
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        for (let n = 0; n < 5; n++) await raise()
      }),
    )
    expect((await dynamo.records.get(key))?.version).toBe(51)
  })
})
