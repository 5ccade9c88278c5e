import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import { type BulkJob, cellsAreOver, isDue } from '#core/bulk/bulk-job.ts'
import type { BulkStore } from '#core/bulk/bulk-store.ts'
import type { BulkJobId } from '#core/ids.ts'
import type { RecordItem, RecordWrite } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import { auditWrites, writeAudited } from './audit.ts'
import { bulkKeptDays, bulkRowStore } from './bulk-rows.ts'
import { at, keys } from './keys.ts'
import { allOf, pageOf, type StoreParts } from './store-parts.ts'
import { uploadStore } from './uploads.ts'
import { zBulkJob } from './z-bulk.ts'
import { fromItem, toData, zId } from './z-items.ts'

/** What rows say of people can be read this long, where some are still to be put right. */
const cellsKeptDays = 30

const zPointer = z.object({ job: zId('blk') })
const zInForce = z.object({ award: zId('awd') })
const decode = (item: RecordItem) => fromItem(zBulkJob, 'bulk job', item)

/** Bulk jobs: one item for each, and one a row (`bulk-rows.ts`). */
export function bulkStore(parts: StoreParts): BulkStore {
  const { records, masterKey, clock } = parts
  const { dropKey, ...rowStore } = bulkRowStore(parts)

  async function findBulkJob(id: BulkJobId): Promise<BulkJob | undefined> {
    const item = await records.get(keys.bulkJob(id))
    return item && decode(item)
  }

  function itemOf(job: BulkJob): RecordItem {
    const order = `${at(job.createdAt)}#${job.id}`
    const queue = isDue(job)
      ? keys.bulkDue(job.tenant)
      : job.state === 'waiting'
        ? keys.bulkWaiting(job.tenant)
        : undefined
    return {
      ...keys.bulkJob(job.id),
      version: job.version,
      ttl: Math.floor(job.createdAt.getTime() / 1000) + bulkKeptDays * 86_400,
      gsi1: { pk: keys.bulkJobs(job.tenant), sk: order },
      ...(queue ? { gsi2: { pk: queue, sk: order } } : {}),
      data: toData(job),
    }
  }

  return {
    ...uploadStore(parts),
    ...rowStore,
    findBulkJob,

    async saveBulkJobOnce(request, job, { rows = [], audit }) {
      const wrapped = await masterKey.seal('bulk-key', randomBytes(32), job.id)
      const key: RecordItem = {
        ...keys.bulkKey(job.id),
        version: 1,
        ttl: Math.floor(clock.now().getTime() / 1000) + cellsKeptDays * 86_400,
        data: { wrapped: Buffer.from(wrapped).toString('base64') },
      }
      const award = job.state === 'waiting' ? job.only : undefined
      const writes: RecordWrite[] = [
        ...(award
          ? [
              {
                put: { ...keys.awardWaiting(award), version: 1, data: { job: job.id } },
                if: 'absent',
              } as const,
            ]
          : []),
        { put: itemOf(job), if: 'absent' },
        { put: key, if: 'absent' },
      ]
      // Rows first: a job that is there has all of its rows.
      if (rows.length > 0) {
        await records.transact([{ put: key }])
        await rowStore.saveBulkRows(job.id, rows)
        writes.splice(-1)
      }
      const outcome = await writeAudited(parts, request, job.id, writes, audit)
      if (outcome.outcome === 'written') return job
      if (outcome.outcome === 'repeated') {
        const first = await findBulkJob(zId('blk').parse(outcome.result))
        if (!first) throw new Error('an answered bulk job is gone')
        return first
      }
      if (award && outcome.failed === 0) {
        throw new Refusal('state_conflict', 'A change of this award waits for a second registrar already.')
      }
      throw new Error('a fresh id was taken')
    },

    async listBulkJobs(tenant, page) {
      const query = { index: 'gsi1' as const, pk: keys.bulkJobs(tenant), descending: true }
      return pageOf(parts, tenant, query, page, decode)
    },

    async dueBulkJobs(tenant) {
      return (await allOf(records, { index: 'gsi2', pk: keys.bulkDue(tenant) })).map(decode)
    },

    async waitingBulkJobs(tenant, page) {
      return pageOf(parts, tenant, { index: 'gsi2', pk: keys.bulkWaiting(tenant) }, page, decode)
    },

    async waitingJobOfAward(award) {
      const item = await records.get(keys.awardWaiting(award))
      return item && fromItem(zPointer, 'waiting change of an award', item).job
    },

    async saveBulkJob(job, audit) {
      const { only } = job
      const writes: RecordWrite[] = [
        { put: itemOf(job), if: { version: job.version - 1 } },
        ...(only && job.state !== 'waiting' ? [{ delete: keys.awardWaiting(only) }] : []),
        // With the key the cells of every row go.
        ...(cellsAreOver(job) ? [{ delete: keys.bulkKey(job.id) }] : []),
      ]
      for (let attempt = 0; attempt < 20; attempt++) {
        const lines = audit ? await auditWrites(parts, job.tenant, audit) : []
        const answer = await records.transact([...writes, ...lines])
        if (answer.ok) {
          if (cellsAreOver(job)) dropKey(job.id)
          return true
        }
        if (answer.failed < writes.length) return false
      }
      throw new Refusal('storage_busy', 'Too many decisions of one institution at once; try again.')
    },

    async findAwardInForce(learner, offering) {
      const item = await records.get(keys.awardInForce(learner, offering))
      return item && fromItem(zInForce, 'award in force', item).award
    },
  }
}
