import * as z from 'zod'
import { isTenantTag, type TenantTag } from '#core/ids.ts'

const zText = z.object({ S: z.string() })
const zRecord = z.object({
  dynamodb: z.object({
    SequenceNumber: z.string(),
    Keys: z.object({ pk: zText }),
    NewImage: z.object({ gsi2pk: zText.optional(), data: zText.optional() }).optional(),
  }),
})
const zStream = z.object({ Records: z.array(z.unknown()).default([]) })
const zLeased = z.object({ lease: z.unknown().optional() })

/** What a batch of the records' stream tells there is to do. */
export interface Bells {
  /** Sequence numbers of the records that rang, by institution whose outbox has something new. */
  outboxes: Map<TenantTag, string[]>
  /** Institutions with a bulk job that nobody works on. */
  bulk: Set<TenantTag>
  /** Sites an attempt was started at. */
  sites: Set<string>
  /** Of records that are not understood. */
  unreadable: string[]
}

/** Reads a batch of the stream; the filters of its mapping (`infra/work-stack.ts`) let nothing else through. */
export function readBells(input: unknown): Bells {
  const bells: Bells = { outboxes: new Map(), bulk: new Set(), sites: new Set(), unreadable: [] }
  for (const raw of zStream.parse(input).Records) {
    const { data: record } = zRecord.safeParse(raw)
    const number = record?.dynamodb.SequenceNumber
    const [, tenant = '', kind = '', site = ''] =
      /^T#([^#]+)#(OUT|BULKDUE|DUE)\b(?:#(.+))?$/.exec(
        record?.dynamodb.Keys.pk.S.includes('#OUT#')
          ? record.dynamodb.Keys.pk.S
          : (record?.dynamodb.NewImage?.gsi2pk?.S ?? ''),
      ) ?? []
    if (number === undefined || !isTenantTag(tenant)) bells.unreadable.push(number ?? '')
    else if (kind === 'OUT') bells.outboxes.set(tenant, [...(bells.outboxes.get(tenant) ?? []), number])
    else if (kind === 'DUE') bells.sites.add(site)
    // Each slice writes the job again; whoever has the lease needs no bell.
    else if (!isLeased(record?.dynamodb.NewImage?.data?.S)) bells.bulk.add(tenant)
  }
  return bells
}

function isLeased(data: string | undefined): boolean {
  const read = zLeased.safeParse(JSON.parse(data ?? '{}'))
  return read.data?.lease !== undefined
}
