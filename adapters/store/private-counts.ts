import * as z from 'zod'
import type { CubeCounts } from '#core/gaps/admit-counts.ts'
import type { CellCounts } from '#core/gaps/cell-privacy.ts'
import type { RecordItem } from '#core/records.ts'
import { fromItem, toData, zTenant } from './z-items.ts'

/** What a snapshot keeps for the next one, by the beginning of the sort key. */
export type ItemKind = 'ADMITTED#' | 'SEEN#' | 'MEDIANS'

const zCells = z.object({
  cells: z.array(z.tuple([z.string(), z.int(), z.array(z.tuple([zTenant, z.array(z.int())]))])),
})
export const zMedians = z.object({ days: z.record(z.string(), z.int()) })

// Well under the limit of an item.
const bytesPerItem = 100_000

/** Groups of entries of about a hundred kilobytes each as JSON. */
export function chunksOf<T>(entries: Iterable<T>): T[][] {
  const chunks: T[][] = []
  let size = bytesPerItem
  for (const entry of entries) {
    const length = JSON.stringify(entry).length
    if (size + length > bytesPerItem) {
      chunks.push([])
      size = 0
    }
    size += length
    chunks.at(-1)?.push(entry)
  }
  return chunks
}

export function* countItems(pk: string, kind: ItemKind, cube: CubeCounts): Generator<RecordItem> {
  let number = 0
  let cells: unknown[] = []
  let size = 0
  const item = (): RecordItem => ({
    pk,
    sk: `${kind}${String(number++).padStart(6, '0')}`,
    version: 1,
    data: toData({ cells }),
  })
  for (const [name, { byInstitution, employersAllow }] of cube) {
    const cell = [name, employersAllow, [...byInstitution]]
    cells.push(cell)
    size += JSON.stringify(cell).length
    if (size < bytesPerItem) continue
    yield item()
    cells = []
    size = 0
  }
  if (cells.length > 0) yield item()
}

export function toCube(items: readonly RecordItem[]): CubeCounts {
  return new Map(
    items.flatMap((item) =>
      fromItem(zCells, 'snapshot counts', item).cells.map(
        ([name, employersAllow, counts]): [string, CellCounts] => [
          name,
          { employersAllow, byInstitution: new Map(counts) },
        ],
      ),
    ),
  )
}
