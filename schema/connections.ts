import * as z from 'zod'
import { parse } from '#core/parse.ts'
import { Refusal } from '#core/refusal.ts'
import type { Page } from '#core/store.ts'
import { builder } from './builder.ts'

const maxFirst = 100
const defaultFirst = 20

/** The arguments of every list: how many, and after which. */
export const pageArgs = builder.args((t) => ({
  first: t.int({ defaultValue: defaultFirst, description: `1 to ${maxFirst}.` }),
  after: t.string({ description: 'A cursor of an earlier answer to the same list.' }),
}))

const zPage = z.object({
  first: z.number().int().min(1).max(maxFirst).nullish(),
  after: z.string().max(2000).nullish(),
})
type PageArgs = z.input<typeof zPage>

/** What a list costs: as much as its items times the number asked for. */
export function listCost({ first }: PageArgs) {
  return { field: 1, multiplier: Math.min(Math.max(first ?? defaultFirst, 1), maxFirst) }
}

/** Position in a list of the store: so many items after one of its opaque cursors. */
const zPosition = z.strictObject({
  after: z.string().max(1500).optional(),
  skip: z.number().int().min(0).max(maxFirst),
})

/**
 * A relay connection over the store's pages. The store gives one cursor a page; those of the items between
 * are that page's cursor and a count.
 */
export async function connectStore<T>(
  args: PageArgs,
  list: (page: { limit: number; cursor?: string }) => Promise<Page<T>>,
) {
  const { first, after } = parse(zPage, args)
  const from = after ? decode(after) : { skip: 0 }
  const limit = (first ?? defaultFirst) + from.skip
  const page = await list({ limit, ...(from.after === undefined ? {} : { cursor: from.after }) })
  const items = page.items.slice(from.skip)
  const edges = items.map((node, position) => ({
    node,
    cursor:
      position === items.length - 1 && page.cursor !== undefined
        ? encode({ after: page.cursor, skip: 0 })
        : encode({ ...from, skip: from.skip + position + 1 }),
  }))
  return connection(edges, page.cursor !== undefined, from.skip > 0 || from.after !== undefined)
}

/** A relay connection over a list in memory. */
export function connectList<T>(args: PageArgs, all: readonly T[]) {
  const { first, after } = parse(zPage, args)
  const start = after ? offsetOf(after) : 0
  const end = Math.min(start + (first ?? defaultFirst), all.length)
  const edges = all
    .slice(start, end)
    .map((node, position) => ({ node, cursor: toCursor(String(start + position + 1)) }))
  return connection(edges, end < all.length, start > 0)
}

function connection<T>(edges: { node: T; cursor: string }[], hasNextPage: boolean, hasPreviousPage: boolean) {
  return {
    edges,
    pageInfo: {
      hasNextPage,
      hasPreviousPage,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  }
}

const toCursor = (text: string) => Buffer.from(text).toString('base64url')
const encode = (position: z.output<typeof zPosition>) => toCursor(JSON.stringify(position))

function decode(cursor: string): z.output<typeof zPosition> {
  try {
    return zPosition.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
  } catch {
    throw badCursor()
  }
}

function offsetOf(cursor: string): number {
  const text = Buffer.from(cursor, 'base64url').toString('utf8')
  if (!/^\d{1,6}$/.test(text)) throw badCursor()
  return Number(text)
}

function badCursor(): Refusal {
  return new Refusal('invalid_input', 'after: is not a cursor of this list.', { field: 'after' })
}
