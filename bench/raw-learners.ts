// Learners as the academy's records hold them: copies of those the demo academy enrolled, assessed and awarded.
import { DatabaseSync } from 'node:sqlite'
import { bucketKey, bucketOf, changed } from '#adapters/store/changed-mark.ts'
import { keys } from '#adapters/store/keys.ts'
import { allOf } from '#adapters/store/store-parts.ts'
import type { AwardId, LearnerId, TenantTag } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import type { RecordItem, Records } from '#core/records.ts'

const anId = /[a-z2-7]{8}-(?:lrn|awd|asm|ofr|crd)-[a-z2-7]{26}/g

interface Template {
  tenant: TenantTag
  learnerId: LearnerId
  /** Its items as text, cut at each id that a copy gets anew: text, place in `ids`, text, place, … */
  pieces: (string | number)[]
  ids: string[]
}

/** Everybody enrolled, with the items the snapshot job reads of them. */
async function templatesOf({ store }: Pick<Ports, 'store'>, records: Records): Promise<Template[]> {
  const templates: Template[] = []
  for (const { tag } of await store.listInstitutions()) {
    const learners = new Set<LearnerId>()
    for (const { id } of (await store.listOfferings(tag, { limit: 100 })).items) {
      const members = { index: 'gsi1' as const, pk: keys.offeringMembers(id), sk: { beginsWith: 'ENR#' } }
      for (const { data } of await allOf(records, members)) learners.add(data['learnerId'] as LearnerId)
    }
    for (const learnerId of learners) {
      const own = await allOf(records, { pk: keys.learnerPartition(learnerId) })
      const awards = own.filter(({ sk }) => sk.startsWith('AWDOF#'))
      const items = [...own]
      for (const { data } of awards) {
        items.push(...(await allOf(records, { pk: keys.award(data['award'] as AwardId).pk })))
      }
      templates.push(cut(tag, learnerId, JSON.stringify(items)))
    }
  }
  return templates
}

function cut(tenant: TenantTag, learnerId: LearnerId, text: string): Template {
  const ids: string[] = []
  const pieces: (string | number)[] = []
  let from = 0
  for (const { 0: id, index } of text.matchAll(anId)) {
    if (!ids.includes(id)) ids.push(id)
    pieces.push(text.slice(from, index), ids.indexOf(id))
    from = index + id.length
  }
  return { tenant, learnerId, ids, pieces: [...pieces, text.slice(from)] }
}

/** One more of them, under ids of their own, with the mark that every change of a record leaves. */
function copyOf({ tenant, learnerId, pieces, ids }: Template, random: Ports['random']): RecordItem[] {
  const kind = (id: string) => id.split('-')[1] as 'lrn'
  const fresh = ids.map((id) => random.id(tenant, kind(id)))
  const items = JSON.parse(
    pieces.map((piece) => (typeof piece === 'string' ? piece : fresh[piece])).join(''),
  ) as RecordItem[]
  const id = fresh[ids.indexOf(learnerId)] as LearnerId
  return [
    ...items,
    { pk: bucketKey(tenant, bucketOf(id)), sk: `${changed}${id}`, version: 1 + (items.length % 9), data: {} },
  ]
}

const learnersAtOnce = 5000

/**
 * Writes as many learners as asked for into the file of `sqliteRecords`, past its port and without flushing: through
 * it a million take a quarter of an hour, and how they came there is not what is measured.
 */
export async function fillWithLearners(
  file: string,
  learners: number,
  { store, random }: Pick<Ports, 'store' | 'random'>,
  records: Records,
): Promise<void> {
  const templates = await templatesOf({ store }, records)
  const db = new DatabaseSync(file)
  db.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000')
  const insert = db.prepare('INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
  for (let n = 0; n < learners; n++) {
    if (n % learnersAtOnce === 0) db.exec('BEGIN IMMEDIATE')
    const template = templates[n % templates.length]
    if (!template) throw new Error('the demo academy has no learners')
    for (const { pk, sk, version, gsi1, gsi2, ttl, data } of copyOf(template, random)) {
      insert.run(
        pk,
        sk,
        version,
        gsi1?.pk ?? null,
        gsi1?.sk ?? null,
        gsi2?.pk ?? null,
        gsi2?.sk ?? null,
        ttl ?? null,
        JSON.stringify(data),
      )
    }
    if (n % learnersAtOnce === learnersAtOnce - 1 || n === learners - 1) db.exec('COMMIT')
  }
  db.close()
}
