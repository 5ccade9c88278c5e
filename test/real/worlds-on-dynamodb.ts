import { freshDynamoRecords } from '#test/support/dynamodb.ts'
import { worldsOn } from '#test/support/world-engine.ts'

// Imported first: the suites imported after it make their worlds on DynamoDB. The worlds' clock stands
// still, so DynamoDB must not remove what has expired by the real one.
worldsOn((clock) => freshDynamoRecords(clock, { timeToLive: 'off' }))
