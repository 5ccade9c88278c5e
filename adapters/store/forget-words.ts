import type { AwardId, LearnerId } from '#core/ids.ts'
import type { Json, RecordItem, RecordKey } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import type { LearnerStore } from '#core/store.ts'
import { keys, tenantOfId } from './keys.ts'
import { withoutStated } from './offerings.ts'
import { allOf, pagesOf, type StoreParts } from './store-parts.ts'

type Data = RecordItem['data']

const tries = 20

/**
 * What people wrote about an erased learner, and what the learner had said of themselves: it stands in the clear
 * with the awards, enrolments and orders it belongs to, which stay about a pseudonym. Works on the items as they
 * are, so that nothing needs to be opened. `docs/erasure.md` has the list of what goes and what stays.
 */
export function forgetWordsStore({ records }: StoreParts): Pick<LearnerStore, 'forgetWords'> {
  return {
    async forgetWords(id) {
      await forgetAboutAwards(id)
      for (const item of await allOf(records, { pk: keys.learnerPartition(id), sk: { beginsWith: 'ENR#' } }))
        await rewrite(item, anonymousEnrolment)
      for (const item of await indexed(id, 'LINK#')) await records.transact([{ delete: keyOf(item) }])
      await forgetInBulkJobs(id)
    },
  }

  async function forgetAboutAwards(id: LearnerId): Promise<void> {
    for (const award of await indexed(id, 'AWD#')) {
      await rewrite(award, ({ status, ...data }) => ({ ...data, status: withoutReason(status) }))
      const history = await allOf(records, { pk: award.pk, sk: { beginsWith: 'ST#' } })
      for (const line of history) await rewrite(line, (data) => withoutReason(data) as Data)
    }
  }

  async function forgetInBulkJobs(id: LearnerId): Promise<void> {
    const query = { index: 'gsi1' as const, pk: keys.bulkJobs(tenantOfId(id)) }
    for await (const job of pagesOf(records, query)) {
      const { isAbout, isAboutOthers } = await forgetRows(job, id)
      // What was said of many stays for them, and goes with the last of them.
      if (isAbout && !isAboutOthers) await rewrite(job, withoutWords)
    }
  }

  /** Takes the cells out of the rows about this learner, and tells whether anybody else is in the job. */
  async function forgetRows(job: RecordItem, id: LearnerId) {
    // An order may name somebody without a row about them: nothing of theirs fits the rest of it.
    const named = await namedBy(job)
    let isAbout = named.includes(id)
    let isAboutOthers = await isAnybodyThere(named.filter((one) => one !== id))
    for await (const row of pagesOf(records, { pk: job.pk, sk: { beginsWith: 'ROW#' } })) {
      const who = learnerOf(row)
      if (who === id) {
        isAbout = true
        if ('sealed' in row.data) await rewrite(row, ({ sealed: _cells, ...data }) => data)
      } else if (who && !isAboutOthers) isAboutOthers = !(await isErased(who))
    }
    return { isAbout, isAboutOthers }
  }

  async function namedBy(job: RecordItem): Promise<LearnerId[]> {
    const { learnerIds, awardIds } = objectOf(objectOf(job.data['order'])['where'])
    const awards = await Promise.all(
      listOf<AwardId>(awardIds).map(
        async (award) => (await records.get(keys.award(award)))?.data['learnerId'],
      ),
    )
    return [...listOf<LearnerId>(learnerIds), ...awards.filter((one) => one !== undefined)] as LearnerId[]
  }

  async function isAnybodyThere(learners: readonly LearnerId[]): Promise<boolean> {
    for (const id of learners) if (!(await isErased(id))) return true
    return false
  }

  async function isErased(id: LearnerId): Promise<boolean> {
    const item = await records.get(keys.learner(id))
    return !item || 'erasedAt' in item.data
  }

  function indexed(id: LearnerId, begin: string): Promise<RecordItem[]> {
    return allOf(records, { index: 'gsi1', pk: keys.learnerPartition(id), sk: { beginsWith: begin } })
  }

  /** Under the version it has: of awards and jobs that is their own, and to others nothing has changed. */
  async function rewrite(item: RecordItem, edit: (data: Data) => Data): Promise<void> {
    for (let attempt = 0; attempt < tries; attempt++) {
      const current = await records.get(keyOf(item))
      if (!current) return
      const put = { ...current, data: edit(current.data) }
      if ((await records.transact([{ put, if: { version: current.version }, forgets: true }])).ok) return
    }
    throw new Refusal('storage_busy', 'Too many changes of one record at once; try again.')
  }
}

const keyOf = ({ pk, sk }: RecordItem): RecordKey => ({ pk, sk })

function withoutReason(status: Json | undefined): Json {
  const { reason: _words, ...rest } = objectOf(status)
  return rest
}

/** That somebody took part stays; what they said of themselves goes. */
const anonymousEnrolment = (data: Data): Data => ({ ...withoutStated(data), analyticsConsent: false })

/** A bulk job without its reason, the second registrar's note and what the file was called. */
function withoutWords({ note: _words, order, ...data }: Data): Data {
  const { reason, file, rows, ...rest } = objectOf(order)
  const silent = (one: Json | undefined) => (one === undefined ? {} : { ...objectOf(one), name: '' })
  const { file: rowsFile, ...from } = objectOf(rows)
  return {
    ...data,
    order: {
      ...rest,
      ...(reason === undefined ? {} : { reason: '' }),
      ...(file === undefined ? {} : { file: silent(file) }),
      ...(rows === undefined ? {} : { rows: { ...from, ...(rowsFile ? { file: silent(rowsFile) } : {}) } }),
    },
  }
}

function learnerOf({ data }: RecordItem): LearnerId | undefined {
  const of = (part: Json | undefined) => objectOf(part)['learnerId'] as LearnerId | undefined
  return of(data['about']) ?? of(data['result'])
}

const listOf = <Id>(value: Json | undefined) => (Array.isArray(value) ? value : []) as Id[]

function objectOf(value: Json | undefined): Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}
