import { createHash } from 'node:crypto'
import type { Actor } from './access/operations.ts'
import type { TenantTag } from './ids.ts'
import type { Request } from './store.ts'

/**
 * Names a caller's request for `save…Once`. The `requestId` counts per caller and operation, so nobody can
 * use up another's; `input` is everything that decides the effect, without what the server adds (time, new ids).
 */
export function requestOf(
  actor: Pick<Actor, 'subject' | 'tenant'>,
  operation: string,
  tenant: TenantTag,
  requestId: string,
  input: object,
): Request {
  const caller = JSON.stringify([operation, actor.tenant, actor.subject])
  const inputHash = createHash('sha256').update(canonical(input)).digest('hex')
  return { tenant, operation: caller, requestId, inputHash }
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null || value instanceof Date) {
    return JSON.stringify(value) ?? 'null'
  }
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  const sorted = members.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`
}
