import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startServer } from '#test/support/server.ts'

test('the whole server runs on DynamoDB: seeded once, and there after a restart', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'academy-dynamodb-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  const name = `server-${randomUUID().slice(0, 8)}`
  const options = {
    dataDir,
    readyWithinSeconds: 100,
    env: {
      RECORDS: 'dynamodb',
      DYNAMODB_ENDPOINT: process.env['DYNAMODB_ENDPOINT'] ?? '',
      RECORDS_TABLE: `${name}-records`,
      KEYS_TABLE: `${name}-keys`,
    },
  }
  const asked = async (url: string) => {
    const token = await (await fetch(`${url}/dev/token?as=learner`)).text()
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: '{ viewer { learner { id } } }' }),
    })
    return (await answer.json()) as unknown
  }
  const first = await startServer(options)
  const before = await asked(first.url).finally(() => first.kill())
  const second = await startServer(options)
  const after = await asked(second.url).finally(() => second.stop())
  expect(before).toEqual({ data: { viewer: { learner: { id: expect.any(String) } } } })
  expect(after).toEqual(before)
})
