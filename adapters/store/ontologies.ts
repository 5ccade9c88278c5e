import * as z from 'zod'
import { type DraftId, platformTag } from '#core/ids.ts'
import { draftSteps, type OntologyDraft } from '#core/ontology/draft.ts'
import type { OntologyFiles } from '#core/ontology/ontology-files.ts'
import type { OntologyContent, OntologyStore } from '#core/ontology/ontology-store.ts'
import type { OntologyVersion } from '#core/ontology/ontology-version.ts'
import { compareVersions } from '#core/ontology/version-rules.ts'
import type { RecordItem, RecordWrite } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import { at, partition } from './keys.ts'
import { deleteLongText, readLongText, writeLongText } from './long-text.ts'
import { findAnswer, writeOnce } from './once.ts'
import { allOf, pageOf, type StoreParts } from './store-parts.ts'
import { fromItem, toData, zDate, zId } from './z-items.ts'

const zOrigin = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('shipped') }),
  z.object({
    kind: z.literal('draft'),
    draftId: zId('drf'),
    title: z.string(),
    authors: z.array(z.string()),
    publishedBy: z.string(),
  }),
])
const zVersion = z.object({
  version: z.string(),
  digest: z.string(),
  publishedAt: zDate,
  previous: z.string().exactOptional(),
  origin: zOrigin,
}) satisfies z.ZodType<OntologyVersion>
const zPointer = z.object({ version: z.string(), digest: z.string() })

const zBase = z.object({
  id: zId('drf'),
  title: z.string(),
  base: z.string(),
  revision: z.int(),
  createdAt: zDate,
  authors: z.array(z.string()),
  meaningChanged: z.array(z.string()),
  history: z.array(
    z.object({ at: zDate, by: z.string(), what: z.enum(draftSteps), note: z.string().exactOptional() }),
  ),
})
const zDraft = z.discriminatedUnion('state', [
  zBase.extend({ state: z.literal('draft') }),
  zBase.extend({ state: z.literal('in-review'), version: z.string() }),
  zBase.extend({ state: z.literal('published'), version: z.string() }),
  zBase.extend({ state: z.literal('withdrawn') }),
]) satisfies z.ZodType<OntologyDraft>
/** Which of the texts below a draft are its files; a write that lost a race leaves others behind. */
const zFilesName = z.object({ filesName: z.string() })
const zFiles = z.array(z.tuple([z.string(), z.string()]))

const versions = partition(platformTag, 'ONTVERSIONS')
const pointer = { pk: versions, sk: 'INFORCE' }
const versionKey = (version: string) => ({ pk: versions, sk: `V#${version}` })
/** Named by what is in it, so that nobody's content is ever written over another's. */
const contents = (digest: string) => partition(platformTag, `ONTOLOGY#${digest}`)
const draftKey = (id: DraftId) => ({ pk: partition(platformTag, `DRAFT#${id}`), sk: 'META' })
const draftList = partition(platformTag, 'DRAFTS')

/** Published versions of the ontology, kept for good, and the drafts of curators. */
export function ontologyStore(parts: StoreParts): OntologyStore {
  const { records, clock, random } = parts

  const findPointer = async () => {
    const item = await records.get(pointer)
    return item && { item, ...fromItem(zPointer, 'ontology in force', item) }
  }
  const readVersion = (item: RecordItem) => fromItem(zVersion, 'ontology version', item)
  const findOntologyVersion = async (version: string) => {
    const item = await records.get(versionKey(version))
    return item && readVersion(item)
  }

  async function writeContent(digest: string, { text, files }: OntologyContent): Promise<void> {
    await writeLongText(records, contents(digest), 'TEXT', text)
    await writeLongText(records, contents(digest), 'FILES', JSON.stringify([...files]))
  }

  async function filesOf(pk: string, name: string): Promise<OntologyFiles | undefined> {
    const text = await readLongText(records, pk, name)
    return text === undefined ? undefined : new Map(zFiles.parse(JSON.parse(text)))
  }

  async function writeFiles(id: DraftId, files: OntologyFiles): Promise<string> {
    const name = `FILES-${Buffer.from(random.bytes(9)).toString('base64url')}`
    await writeLongText(records, draftKey(id).pk, name, JSON.stringify([...files]))
    return name
  }

  async function draftItem(
    id: DraftId,
  ): Promise<{ draft: OntologyDraft; filesName: string; item: RecordItem } | undefined> {
    const item = await records.get(draftKey(id))
    if (!item) return undefined
    const { filesName } = fromItem(zFilesName, 'ontology draft', item)
    return { draft: fromItem(zDraft, 'ontology draft', item), filesName, item }
  }

  async function stored(id: DraftId): Promise<OntologyDraft> {
    const found = await draftItem(id)
    if (!found) throw new Error('an answered draft is gone')
    return found.draft
  }

  const putDraft = (draft: OntologyDraft, filesName: string): RecordItem => ({
    ...draftKey(draft.id),
    version: draft.revision,
    gsi1: { pk: draftList, sk: `${at(draft.createdAt)}#${draft.id}` },
    data: toData({ ...draft, filesName }),
  })

  return {
    findOntologyVersion,

    async findOntologyInForce() {
      const found = await findPointer()
      return found && { version: found.version, digest: found.digest }
    },

    async listOntologyVersions() {
      const items = await allOf(records, { pk: versions, sk: { beginsWith: 'V#' } })
      return items.map(readVersion).sort((a, b) => compareVersions(b.version, a.version))
    },

    async findOntologyContent(version) {
      const found = await findOntologyVersion(version)
      if (!found) return undefined
      const text = await readLongText(records, contents(found.digest), 'TEXT')
      const files = await filesOf(contents(found.digest), 'FILES')
      if (text === undefined || !files) throw new Error('a kept version of the ontology has lost its content')
      return { text, files }
    },

    async saveShippedOntologyOnce(version, content) {
      const known = await findOntologyVersion(version.version)
      if (known && known.digest !== version.digest) throw anotherContent()
      if (!known) await writeContent(version.digest, content)
      const inForce = await findPointer()
      const takesOver = !inForce || compareVersions(version.version, inForce.version) > 0
      const writes: RecordWrite[] = [
        ...(known ? [] : [versionWrite(version)]),
        ...(takesOver ? [pointerWrite(version, inForce?.item)] : []),
      ]
      if (writes.length === 0) return
      const answer = await records.transact(writes)
      if (answer.ok) return
      // Another server started at the same time and kept the same.
      const now = await findOntologyVersion(version.version)
      if (now?.digest !== version.digest) throw anotherContent()
    },

    async saveDraftOnce(request, draft, files) {
      const answered = await findAnswer(records, request)
      if (answered) return stored(zId('drf').parse(answered.result))
      const filesName = await writeFiles(draft.id, files)
      const put = putDraft(draft, filesName)
      const outcome = await writeOnce(records, clock.now(), request, draft.id, [{ put, if: 'absent' }])
      if (outcome.outcome === 'repeated') return stored(zId('drf').parse(outcome.result))
      if (outcome.outcome === 'failed') throw changedMeanwhile()
      return draft
    },

    async findDraft(id) {
      return (await draftItem(id))?.draft
    },

    async findDraftFiles(id) {
      const found = await draftItem(id)
      return found && filesOf(found.item.pk, found.filesName)
    },

    listDrafts(page) {
      const query = { index: 'gsi1' as const, pk: draftList, descending: true }
      return pageOf(parts, platformTag, query, page, (item) => fromItem(zDraft, 'ontology draft', item))
    },

    async saveDraftChangeOnce(request, draft, files) {
      const answered = await findAnswer(records, request)
      if (answered) return stored(draft.id)
      const before = await draftItem(draft.id)
      if (!before || before.draft.revision !== draft.revision - 1) throw changedMeanwhile()
      const filesName = files ? await writeFiles(draft.id, files) : before.filesName
      const outcome = await writeOnce(records, clock.now(), request, draft.id, [
        { put: putDraft(draft, filesName), if: { version: before.item.version } },
      ])
      if (outcome.outcome === 'repeated') return stored(draft.id)
      if (outcome.outcome === 'failed') throw changedMeanwhile()
      if (files) await deleteLongText(records, before.item.pk, before.filesName)
      return draft
    },

    async savePublishedDraftOnce(request, draft, version, content) {
      const answered = await findAnswer(records, request)
      if (answered) return stored(draft.id)
      const [before, inForce] = await Promise.all([draftItem(draft.id), findPointer()])
      if (!before || before.draft.revision !== draft.revision - 1) throw changedMeanwhile()
      if (inForce?.version !== version.previous) throw anotherInForce()
      await writeContent(version.digest, content)
      const outcome = await writeOnce(records, clock.now(), request, draft.id, [
        { put: putDraft(draft, before.filesName), if: { version: before.item.version } },
        versionWrite(version),
        pointerWrite(version, inForce?.item),
      ])
      if (outcome.outcome === 'repeated') return stored(draft.id)
      if (outcome.outcome === 'failed') throw outcome.failed === 0 ? changedMeanwhile() : anotherInForce()
      return draft
    },
  }
}

const versionWrite = (version: OntologyVersion): RecordWrite => ({
  put: { ...versionKey(version.version), version: 1, data: toData(version) },
  if: 'absent',
})

const pointerWrite = ({ version, digest }: OntologyVersion, before: RecordItem | undefined): RecordWrite => ({
  put: { ...pointer, version: (before?.version ?? 0) + 1, data: { version, digest } },
  if: before ? { version: before.version } : 'absent',
})

const changedMeanwhile = () =>
  new Refusal('state_conflict', 'The draft was changed meanwhile; look at it again.')
const anotherInForce = () =>
  new Refusal('state_conflict', 'Another version was published meanwhile; renew the draft over it.')
const anotherContent = () =>
  new Refusal(
    'state_conflict',
    'version: was published here with another content; raise it in ontology.yaml.',
    {
      field: 'version',
    },
  )
