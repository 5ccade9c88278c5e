import { expect, test } from 'vitest'
import { matchesPattern } from './event-pattern.ts'
import { isAllowed, type Statement } from './policy.ts'

const table = 'arn:aws:dynamodb:eu-central-1:123456789012:table/Records'
const statement = (more: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Action: ['dynamodb:GetItem'],
  Resource: [table],
  ...more,
})
const read = { action: 'dynamodb:GetItem', resource: table }

test.each([
  ['the action on the resource', [statement()], true],
  ['another action', [statement({ Action: ['dynamodb:PutItem'] })], false],
  ['another resource', [statement({ Resource: [`${table}2`] })], false],
  ['an index of the resource', [statement({ Resource: [`${table}/index/gsi1`] })], false],
  ['actions by a star', [statement({ Action: ['dynamodb:Get*'] })], true],
  ['a star that ends too soon', [statement({ Action: ['dynamodb:*Items'] })], false],
  [
    'one character by a question mark',
    [statement({ Resource: [table.replace('Records', 'Record?')] })],
    true,
  ],
  ['a dot that is a dot', [statement({ Action: ['dynamodb.GetItem'] })], false],
  ['nothing', [], false],
  ['all of it and not this', [statement({ Action: ['*'] }), statement({ Effect: 'Deny' })], false],
])('a role that allows %s', (_what, statements, allowed) => {
  expect(isAllowed(statements, read)).toBe(allowed)
})

test('a condition that is met is met, one that is not is not', () => {
  const only = [statement({ Condition: { StringLike: { 's3:prefix': ['k3vq7m2a/*'] } } })]
  expect(isAllowed(only, { ...read, context: { 's3:prefix': 'k3vq7m2a/exports/' } })).toBe(true)
  expect(isAllowed(only, { ...read, context: { 's3:prefix': 'p6xw4t5e/' } })).toBe(false)
})

test.each([
  ['an operator', { IpAddress: { 'aws:SourceIp': ['10.0.0.0/8'] } }],
  ['a key', { StringEquals: { 'dynamodb:LeadingKeys': ['T#k3vq7m2a'] } }],
])('a condition with %s that is not understood fails instead of passing', (_what, Condition) => {
  expect(() => isAllowed([statement({ Condition })], read)).toThrow('is not understood')
})

test('a filter passes what it says, and one that is not understood fails', () => {
  const record = { eventName: 'INSERT', dynamodb: { Keys: { pk: { S: 'T#k3vq7m2a#OUT#0' } } } }
  const ending = (suffix: string) => ({ dynamodb: { Keys: { pk: { S: [{ suffix }] } } } })
  expect(matchesPattern({ eventName: ['INSERT'], ...ending('#OUT#0') }, record)).toBe(true)
  expect(matchesPattern({ eventName: ['MODIFY'] }, record)).toBe(false)
  expect(matchesPattern(ending('#DUE#0'), record)).toBe(false)
  expect(() => matchesPattern({ eventName: [{ wildcard: 'I*' }] }, record)).toThrow('not understood')
})
