import { describe, expect, test } from 'vitest'
import type { Actor } from '#core/access/operations.ts'
import { changeDraft } from '#core/ontology/change-draft.ts'
import type { OntologyDraft } from '#core/ontology/draft.ts'
import { judgeDraft } from '#core/ontology/judge-draft.ts'
import type { SourceEdit } from '#core/ontology/ontology-files.ts'
import { publishDraft } from '#core/ontology/publish-draft.ts'
import { renewDraft } from '#core/ontology/renew-draft.ts'
import { resolveSkill } from '#core/ontology/resolve-skill.ts'
import { returnDraft, submitDraft, withdrawDraft } from '#core/ontology/review-draft.ts'
import { startDraft } from '#core/ontology/start-draft.ts'
import { keepShipped, openOntologies } from '#functions/ontologies.ts'
import { type World, world } from '#test/support/world.ts'

interface Desk {
  academy: World
  author: Actor
  second: Actor
  /** What names a step of a draft. */
  step: (draft: OntologyDraft) => { requestId: string; draftId: OntologyDraft['id'] }
  start: (title?: string) => Promise<OntologyDraft>
  edit: (draft: OntologyDraft, ...edits: SourceEdit[]) => Promise<OntologyDraft>
  /** From a started draft to a version in force. */
  publish: (draft: OntologyDraft) => Promise<OntologyDraft>
}

async function desk(): Promise<Desk> {
  const academy = await world()
  await keepShipped(academy.shipped, academy)
  const [author, second] = [academy.actor('curator'), academy.actor('curator')]
  const step = ({ id }: OntologyDraft) => ({ requestId: academy.requestId(), draftId: id })
  return {
    academy,
    author,
    second,
    step,
    start: (title = 'A change') => startDraft(author, { requestId: academy.requestId(), title }, academy),
    edit: (draft, ...edits) => changeDraft(author, { ...step(draft), edits, note: 'by hand' }, academy),
    async publish(draft) {
      await submitDraft(author, step(draft), academy)
      return publishDraft(second, step(draft), academy)
    },
  }
}

const relabel: SourceEdit = {
  kind: 'skill',
  skill: { id: 'batch-jobs', label: { en: 'Batch jobs on clusters' } },
}
const newSkill = (id: string): SourceEdit => ({
  kind: 'skill',
  skill: {
    id,
    domain: 'inference',
    label: { en: `Skill ${id}`, fr: `Compétence ${id}` },
    description: { en: 'Does it.', fr: 'Le fait.' },
    requires: [{ skill: 'containers', level: 1 }],
  },
})
const retire: SourceEdit = {
  kind: 'skill',
  skill: { id: 'ai-in-energy', status: 'deprecated', replacedBy: 'ai-in-grids' },
}

test('a change of words becomes the next patch, in force at once, and the version before stays', async () => {
  const { academy, start, edit, publish, second } = await desk()
  const before = academy.ontology
  const draft = await edit(await start('Plainer names'), relabel)
  expect(academy.ontology).toBe(before)
  const published = await publish(draft)
  expect(published).toMatchObject({ state: 'published', version: '0.3.1', base: '0.3.0' })
  expect(academy.ontology.version).toBe('0.3.1')
  expect(academy.ontology.skills.get('batch-jobs')?.label.en).toBe('Batch jobs on clusters')
  expect(await academy.graph.search({ text: 'batch jobs clusters', language: 'en', limit: 3 })).toEqual([
    'batch-jobs',
  ])
  expect((await academy.ontologies.find('0.3.0'))?.digest).toBe(before.digest)
  const versions = await academy.store.listOntologyVersions()
  expect(versions.map(({ version, previous }) => [version, previous])).toEqual([
    ['0.3.1', '0.3.0'],
    ['0.3.0', '0.2.0'],
    ['0.2.0', undefined],
  ])
  expect(versions[0]?.origin).toMatchObject({
    kind: 'draft',
    title: 'Plainer names',
    publishedBy: second.subject,
  })
})

test('a restart, and a release that ships the same version again, keep what was published', async () => {
  const { academy, start, edit, publish } = await desk()
  await publish(await edit(await start(), relabel))
  await keepShipped(academy.shipped, academy)
  const restarted = openOntologies(() => academy.shipped.ontology, academy.store)
  expect(restarted.ontology.version).toBe('0.3.0')
  expect(await restarted.refresh()).toBe(true)
  expect(restarted.ontology.digest).toBe(academy.ontology.digest)
  expect(restarted.ontology.demandSample).toEqual(academy.shipped.ontology.demandSample)
  expect(await restarted.refresh()).toBe(false)
})

test('a release that ships a later version takes over; one that ships another content under a kept number is refused', async () => {
  const { academy, start, edit, publish } = await desk()
  await publish(await edit(await start(), relabel))
  const { ontology } = academy.shipped
  const other = { ...academy.shipped, ontology: { ...ontology, digest: 'f'.repeat(64) } }
  await expect(keepShipped(other, academy)).rejects.toThrow('was published here with another content')
  const files = await academy.ontologies.edit(academy.shipped.files, [{ kind: 'version', version: '0.4.0' }])
  const next = (await academy.ontologies.judge(files)).ontology
  if (!next) throw new Error('the next release is not sound')
  const release = { ontology: next, files, earlier: [] }
  await keepShipped(release, academy)
  const running = openOntologies(() => release.ontology, academy.store)
  await running.refresh()
  expect(running.ontology.version).toBe('0.4.0')
  expect((await running.find('0.3.1'))?.skills.get('batch-jobs')?.label.en).toBe('Batch jobs on clusters')
})

test('something new makes a minor version; a name is resolved as issued, now, and to what replaced it', async () => {
  const { academy, start, edit, publish } = await desk()
  // The sector's demand moves along.
  const sectors = academy.shipped.files.get('sectors.yaml')?.replaceAll('ai-in-energy', 'ai-in-grids') ?? ''
  const moved: SourceEdit = { kind: 'file', name: 'sectors.yaml', text: sectors }
  expect(await publish(await edit(await start(), newSkill('ai-in-grids'), retire, moved))).toMatchObject({
    version: '0.4.0',
  })
  const resolved = await resolveSkill({ version: '0.2.0', skill: 'ai-in-energy' }, academy)
  expect(resolved.asIssued?.version).toBe('0.2.0')
  expect(resolved.now?.status).toBe('deprecated')
  expect(resolved.replacedBy?.id).toBe('ai-in-grids')
  expect(await resolveSkill({ version: '0.2.0', skill: 'batch-jobs' }, academy)).not.toHaveProperty(
    'replacedBy',
  )
  expect(await resolveSkill({ version: '9.9.9', skill: 'nobody' }, academy)).toEqual({})
})

describe('four eyes', () => {
  test('whoever had a part in a draft does not publish it', async () => {
    const { academy, start, edit, step, author, second } = await desk()
    const draft = await edit(await start(), relabel)
    await submitDraft(author, step(draft), academy)
    await expect(publishDraft(author, step(draft), academy)).rejects.toMatchObject({
      code: 'four_eyes_required',
    })
    await returnDraft(second, { ...step(draft), reason: 'One more word' }, academy)
    const edits: SourceEdit[] = [newSkill('one-more')]
    await changeDraft(second, { ...step(draft), edits, note: 'by the second' }, academy)
    await submitDraft(author, step(draft), academy)
    await expect(publishDraft(second, step(draft), academy)).rejects.toMatchObject({
      code: 'four_eyes_required',
    })
    expect(academy.ontology.version).toBe('0.3.0')
    const third = academy.actor('curator')
    expect(await publishDraft(third, step(draft), academy)).toMatchObject({ state: 'published' })
  })

  test.each(['registrar', 'programme-manager', 'learner', 'platform-operator'] as const)(
    'a %s has no part in it',
    async (role) => {
      const { academy, start, step } = await desk()
      const draft = await start()
      const other = academy.actor(role)
      for (const asked of [
        startDraft(other, { requestId: academy.requestId(), title: 'Mine' }, academy),
        changeDraft(other, { ...step(draft), edits: [relabel], note: '' }, academy),
        submitDraft(other, step(draft), academy),
        publishDraft(other, step(draft), academy),
        withdrawDraft(other, step(draft), academy),
      ]) {
        await expect(asked).rejects.toMatchObject({ code: 'not_allowed' })
      }
    },
  )
})

describe('what is refused', () => {
  test('a draft with an error, by the rules; the report names file, line and key path', async () => {
    const { academy, start, edit, step, author } = await desk()
    const circle: SourceEdit = {
      kind: 'skill',
      skill: { id: 'linux-command-line', requires: [{ skill: 'batch-jobs', level: 1 }] },
    }
    const draft = await edit(await start(), circle)
    const report = await judgeDraft(
      draft,
      (await academy.store.findDraftFiles(draft.id)) ?? new Map(),
      academy,
    )
    expect(report.proposal).toBeUndefined()
    expect(report.findings.find(({ rule }) => rule === 2)).toMatchObject({
      file: expect.stringMatching(/^skills\//),
      line: expect.any(Number),
      message: expect.stringContaining('batch-jobs'),
    })
    await expect(submitDraft(author, step(draft), academy)).rejects.toMatchObject({
      code: 'ontology_not_sound',
    })
  })

  test('a draft that changes nothing', async () => {
    const { academy, start, step, author } = await desk()
    const draft = await start()
    await expect(submitDraft(author, step(draft), academy)).rejects.toMatchObject({ code: 'invalid_input' })
  })

  test('a step its state does not allow', async () => {
    const { academy, start, edit, step, author, second } = await desk()
    const draft = await edit(await start(), relabel)
    await expect(publishDraft(second, step(draft), academy)).rejects.toMatchObject({ code: 'state_conflict' })
    await withdrawDraft(second, step(draft), academy)
    for (const asked of [edit(draft, relabel), submitDraft(author, step(draft), academy)]) {
      await expect(asked).rejects.toMatchObject({ code: 'state_conflict' })
    }
    expect((await academy.store.findDraft(draft.id))?.history.map(({ what }) => what)).toEqual([
      'started',
      'changed',
      'withdrawn',
    ])
  })

  test('a name that once meant another skill', async () => {
    const { academy, start, edit, publish } = await desk()
    await publish(await edit(await start(), newSkill('short-lived')))
    const files = (await academy.store.findOntologyContent(academy.ontology.version))?.files
    const text = files?.get('skills/inference.yaml') ?? ''
    const removed = text.slice(0, text.indexOf('  short-lived:'))
    await publish(await edit(await start(), { kind: 'file', name: 'skills/inference.yaml', text: removed }))
    expect(academy.ontology.version).toBe('1.0.0')
    const back = await edit(await start(), newSkill('short-lived'))
    await expect(publish(back)).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('short-lived'),
    })
  })

  test('a version raised less than the rules ask, though somebody wrote it into the head', async () => {
    const { academy, start, edit, step, author, second } = await desk()
    const draft = await edit(await start(), newSkill('fresh'))
    await submitDraft(author, step(draft), academy)
    const submitted = await academy.store.findDraft(draft.id)
    expect(submitted).toMatchObject({ state: 'in-review', version: '0.4.0' })
    await returnDraft(second, { ...step(draft), reason: 'Too high' }, academy)
    await edit(draft, { kind: 'version', version: '0.3.1' })
    const again = await submitDraft(author, step(draft), academy)
    expect(again).toMatchObject({ version: '0.4.0' })
  })

  test.each<SourceEdit>([
    { kind: 'file', name: '../../etc/passwd', text: '' },
    { kind: 'file', name: 'skills/../modules.yaml', text: '' },
    { kind: 'file', name: 'published/0.2.0.json', text: '' },
    { kind: 'skill', skill: { id: 'homeless', label: { en: 'x', fr: 'x' } } },
  ])('an edit that has no place in an ontology: %j', async (bad) => {
    const { start, edit } = await desk()
    await expect(edit(await start(), bad)).rejects.toMatchObject({ code: 'invalid_input' })
  })

  test('more than a draft holds', async () => {
    const { start, edit } = await desk()
    const draft = await start()
    const text = `# ${'x'.repeat(1_900_000)}\n`
    await expect(
      edit(
        draft,
        { kind: 'file', name: 'skills/a.yaml', text },
        { kind: 'file', name: 'skills/b.yaml', text },
      ),
    ).rejects.toMatchObject({ code: 'too_large' })
  })
})

describe('two drafts at once', () => {
  test('the second is not published over what it never saw, but renewed, and then it is', async () => {
    const { academy, start, edit, publish, step, author, second } = await desk()
    const [first, other] = [await start('First'), await start('Other')]
    await publish(await edit(first, relabel))
    const late = await edit(other, newSkill('late'))
    await submitDraft(author, step(late), academy)
    await expect(publishDraft(second, step(late), academy)).rejects.toMatchObject({ code: 'state_conflict' })
    await returnDraft(second, { ...step(late), reason: 'Renew it' }, academy)
    await renewDraft(author, step(late), academy)
    expect(await publish(late)).toMatchObject({ version: '0.4.0', base: '0.3.1' })
    expect(academy.ontology.skills.get('batch-jobs')?.label.en).toBe('Batch jobs on clusters')
    expect(academy.ontology.skills.has('late')).toBe(true)
  })

  test('files both changed are named, for a person to bring together', async () => {
    const { academy, start, edit, publish, step, author } = await desk()
    const [first, other] = [await start(), await start()]
    await publish(await edit(first, relabel))
    const skill = { id: 'batch-jobs', label: { fr: 'Travaux' } }
    await edit(other, { kind: 'skill', skill })
    await expect(renewDraft(author, step(other), academy)).rejects.toMatchObject({
      code: 'state_conflict',
      message: expect.stringContaining('skills/hpc-for-ai.yaml'),
    })
  })

  test('of two changes of the same revision one is refused, and two publications publish once', async () => {
    const { academy, start, edit, step, author, second } = await desk()
    const draft = await start()
    const both = await Promise.allSettled([edit(draft, relabel), edit(draft, newSkill('b'))])
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    await submitDraft(author, step(draft), academy)
    const third = academy.actor('curator')
    const published = await Promise.allSettled(
      [second, third].map((who) => publishDraft(who, step(draft), academy)),
    )
    expect(published.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await academy.store.listOntologyVersions()).toHaveLength(3)
  })

  test('a request repeated has one effect; with other input it is a conflict', async () => {
    const { academy, author, start } = await desk()
    const requestId = academy.requestId()
    const once = await startDraft(author, { requestId, title: 'Once' }, academy)
    expect(await startDraft(author, { requestId, title: 'Once' }, academy)).toEqual(once)
    await expect(startDraft(author, { requestId, title: 'Twice' }, academy)).rejects.toMatchObject({
      code: 'request_conflict',
    })
    const draft = await start()
    const asked = { requestId: academy.requestId(), draftId: draft.id, edits: [relabel], note: 'once' }
    await changeDraft(author, asked, academy)
    await changeDraft(author, asked, academy)
    expect((await academy.store.findDraft(draft.id))?.revision).toBe(2)
  })
})
