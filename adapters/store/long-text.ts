import { gunzipSync, gzipSync } from 'node:zlib'
import * as z from 'zod'
import type { RecordItem, Records } from '#core/records.ts'
import { allOf } from './store-parts.ts'
import { fromItem } from './z-items.ts'

/** Under the limit of one item, with room for its keys. */
const charactersPerItem = 300_000
const mostBytes = 20_000_000
const itemsAtOnce = 10

const zPart = z.object({ part: z.string() })

/** A text too long for one item: packed, and cut into items below one name in a partition. */
export async function writeLongText(records: Records, pk: string, name: string, text: string): Promise<void> {
  const packed = gzipSync(text).toString('base64')
  const items: RecordItem[] = []
  for (let from = 0; from < packed.length; from += charactersPerItem) {
    const part = packed.slice(from, from + charactersPerItem)
    items.push({ pk, sk: partKey(name, items.length), version: 1, data: { part } })
  }
  for (let from = 0; from < items.length; from += itemsAtOnce) {
    await records.transact(items.slice(from, from + itemsAtOnce).map((put) => ({ put })))
  }
}

export async function readLongText(records: Records, pk: string, name: string): Promise<string | undefined> {
  const items = await allOf(records, { pk, sk: { beginsWith: `${name}#` } })
  if (items.length === 0) return undefined
  const packed = items.map((item) => fromItem(zPart, 'part of a text', item).part).join('')
  return gunzipSync(Buffer.from(packed, 'base64'), { maxOutputLength: mostBytes }).toString('utf8')
}

export async function deleteLongText(records: Records, pk: string, name: string): Promise<void> {
  const items = await allOf(records, { pk, sk: { beginsWith: `${name}#` } })
  for (let from = 0; from < items.length; from += itemsAtOnce) {
    await records.transact(
      items.slice(from, from + itemsAtOnce).map(({ pk: p, sk }) => ({ delete: { pk: p, sk } })),
    )
  }
}

const partKey = (name: string, part: number) => `${name}#${String(part).padStart(4, '0')}`
