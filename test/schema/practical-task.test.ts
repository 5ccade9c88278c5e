import { expect, test } from 'vitest'
import { academy, requestIdOf } from '#test/edge/academy.ts'

test('a learner reads the task that is theirs by API, hands it in, and reads what it printed as long as it is kept', async () => {
  const edge = await academy()
  const { ports } = edge
  const tenant = ports.institutions.northLake.tag
  const learner = await ports.store.saveLearnerOnce('learner', {
    id: ports.random.id(tenant, 'lrn'),
    tenant,
    rev: 0,
    person: { givenName: 'Ada', familyName: 'Lindqvist', email: 'ada@north-lake.example' },
    recognisedSkills: [],
  })
  const offering = await ports.offering({ moduleId: 'm-linux-hpc-start' })
  await ports.enrolment(learner.id, offering)
  const token = await edge.tokenOf('learner')
  const ask = async (query: string, variables: object = {}) =>
    (await edge.graphql(query, { token, variables })).data

  const task = `{ offering(id: "${offering.id}") { practicalTask {
    practical version specHash title(language: "fr") instructions(language: "fr") example attemptsPerDay } } }`
  const read = ((await ask(task)) as never as Task).offering.practicalTask
  expect(read).toMatchObject({
    practical: 'batch-job-repair',
    version: 1,
    title: 'Réparer un travail par lots défaillant',
  })
  expect(read.instructions.length).toBeGreaterThan(3)
  expect(read.example.script).toMatch(/^#!\/bin\/bash\n/)
  expect(((await ask(task)) as never as Task).offering.practicalTask.example).toEqual(read.example)

  const start = `mutation ($input: StartPracticalInput!) { startPractical(input: $input) {
    ... on PracticalRun { id supervised log } ... on Refusal { code field message } } }`
  const input = { requestId: requestIdOf('start'), offeringId: offering.id }
  const bad = await ask(start, {
    input: { ...input, configuration: { script: '#!/bin/bash\n#SBATCH --uid=0\nid\n' } },
  })
  expect(bad?.['startPractical']).toMatchObject({
    code: 'invalid_input',
    field: 'script',
    message: expect.stringContaining('line 2'),
  })
  const estimate = `{ practicalEstimate(offeringId: "${offering.id}") {
    place { site environment partition work { coreMinutes } grade { gpuMinutes } expectedWaitSeconds excluded }
    why places { site excluded excludedReason closedUntil cost reserved } attemptsLeft nextStartAt underWay
    learnerLeft { coreMinutes } cohortLeft { gpuMinutes } } }`
  expect((await ask(estimate))?.['practicalEstimate']).toMatchObject({
    place: { site: 'local', environment: 'local', grade: { gpuMinutes: 0 }, expectedWaitSeconds: null },
    why: 'only-fit',
    places: [{ site: 'local', excluded: null }],
    attemptsLeft: read.attemptsPerDay,
    underWay: false,
    learnerLeft: null,
  })
  const started = await ask(start, { input: { ...input, configuration: read.example } })
  expect((await ask(estimate))?.['practicalEstimate']).toMatchObject({
    attemptsLeft: read.attemptsPerDay - 1,
    underWay: true,
  })
  expect(started?.['startPractical']).toMatchObject({ supervised: false, log: null })

  // The task of a colleague is another one.
  const colleague = await ports.learner()
  const mine = ports.practicals.find('batch-job-repair')
  expect(colleague.learner.id).not.toBe(learner.id)
  expect(mine?.exampleFor(1)).not.toEqual(mine?.exampleFor(2))
})

interface Task {
  offering: {
    practicalTask: { instructions: string[]; example: { script: string }; attemptsPerDay: number }
  }
}

test('a module without a practical that runs here has no task', async () => {
  const edge = await academy()
  const offering = await edge.ports.offering({ moduleId: 'm-ai-for-everyone' })
  const { data } = await edge.graphql(`{ offering(id: "${offering.id}") { practicalTask { practical } } }`, {
    token: await edge.tokenOf('assessor'),
  })
  expect(data).toEqual({ offering: { practicalTask: null } })
})
