import * as z from 'zod'
import type { RecordItem, RecordQuery, RecordTable } from '#core/records.ts'

/**
 * One item as DynamoDB's attributes. `data` is kept as JSON text: so it comes back exactly as it does
 * from SQLite, whatever numbers, empty texts or depths it holds.
 */
export function toAttributes(item: RecordItem): Record<string, string | number> {
  return {
    pk: item.pk,
    sk: item.sk,
    version: item.version,
    data: JSON.stringify(item.data),
    ...(item.gsi1 ? { gsi1pk: item.gsi1.pk, gsi1sk: item.gsi1.sk } : {}),
    ...(item.gsi2 ? { gsi2pk: item.gsi2.pk, gsi2sk: item.gsi2.sk } : {}),
    ...(item.ttl === undefined ? {} : { ttl: item.ttl }),
  }
}

/** The attributes that order a query and so make its cursor: those of the index, then the item's own key. */
export function sortAttributes(index: RecordQuery['index']): string[] {
  return index ? [`${index}sk`, 'pk', 'sk'] : ['sk']
}

const zItem = z.object({
  pk: z.string(),
  sk: z.string(),
  version: z.number(),
  data: z.string(),
  gsi1pk: z.string().optional(),
  gsi1sk: z.string().optional(),
  gsi2pk: z.string().optional(),
  gsi2sk: z.string().optional(),
  ttl: z.number().optional(),
})

/** The item of attributes, plain or in DynamoDB's own form: the item of a failed condition comes in the latter. */
export function fromAttributes(
  attributes: Record<string, unknown>,
  table: RecordTable | undefined,
): RecordItem {
  const plain = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, plainValue(value)]),
  )
  const item = zItem.parse(plain)
  return {
    ...(table ? { table } : {}),
    pk: item.pk,
    sk: item.sk,
    version: item.version,
    ...(item.gsi1pk !== undefined && item.gsi1sk !== undefined
      ? { gsi1: { pk: item.gsi1pk, sk: item.gsi1sk } }
      : {}),
    ...(item.gsi2pk !== undefined && item.gsi2sk !== undefined
      ? { gsi2: { pk: item.gsi2pk, sk: item.gsi2sk } }
      : {}),
    ...(item.ttl === undefined ? {} : { ttl: item.ttl }),
    data: JSON.parse(item.data),
  }
}

function plainValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('S' in value) return value.S
  return 'N' in value ? Number(value.N) : value
}
