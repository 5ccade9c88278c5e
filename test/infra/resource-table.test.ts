import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { templates, whole } from './templates.ts'

test('docs/operations.md says of every type of resource why it is there, and names none that is not', () => {
  const template = templates(whole, { edge: true })
  const parts = ['data', 'api', 'practicals', 'work', 'watch', 'edge', 'firewall'] as const
  const types = parts.flatMap((part) =>
    Object.values(template(part).toJSON()['Resources'] as Record<string, { Type: string }>).map(
      ({ Type }) => Type,
    ),
  )
  const named = readFileSync('docs/operations.md', 'utf8').match(/AWS::\w+::\w+/g)
  // With CloudFront in front the API has no name of its own; without it, it has.
  const byName = ['AWS::ApiGatewayV2::DomainName', 'AWS::ApiGatewayV2::ApiMapping']
  expect([...new Set(named)].sort()).toEqual([...new Set([...types, ...byName])].sort())
})
