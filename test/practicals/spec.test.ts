import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { specHashOf } from '#core/practicals/practical.ts'
import { loadPracticals, packPracticals } from '#practicals/load-practicals.ts'
import { unpackPracticals } from '#practicals/packed.ts'
import { shippedIds } from '#practicals/shipped.ts'
import { zSpec } from '#practicals/z-spec.ts'

const shipped = parseYaml(readFileSync('practicals/inference-throughput/spec.yaml', 'utf8'))
const changed = (path: string, value: unknown) => {
  const spec = structuredClone(shipped)
  const names = path.split('.')
  const last = names.pop() ?? ''
  names.reduce((part, name) => part[name], spec)[last] = value
  return spec
}

describe('a practical’s spec', () => {
  test('says for each stage what it asks of a machine', () => {
    expect(zSpec.parse(shipped)).toMatchObject({
      work: {
        resources: { gpus: 0, cpus: 2, tasks: 1, memoryGiB: 1, minutes: 2, arch: ['x86_64', 'aarch64'] },
        isolation: 'none',
      },
      grade: { resources: { cpus: 2, minutes: 3 } },
    })
  })

  test.each([
    ['work.resources.cpus', 3, 'work.resources.cpus', { tasks: 2 }],
    ['work.resources.minutes', 1, 'work.limits.wallSeconds', {}],
    ['grade.resources.memoryGiB', 1, 'grade.limits.memoryMiB', {}],
    ['grade.resources.arch', ['riscv'], 'grade.resources.arch.0', {}],
    ['work.resources.arch', [], 'work.resources.arch', {}],
    ['work.isolation', 'some', 'work.isolation', {}],
  ])('with %s %j is refused at its place', (path, value, place, more) => {
    const spec = changed(path, value)
    Object.assign(spec.work.resources, more)
    const read = zSpec.safeParse(spec)
    expect(read.error?.issues.map((issue) => issue.path.join('.'))).toContain(place)
  })

  test('has another hash as soon as it asks for anything else', () => {
    const hash = specHashOf(zSpec.parse(shipped))
    expect(loadPracticals().find('inference-throughput')?.specHash).toBe(hash)
    expect(specHashOf(zSpec.parse(changed('grade.resources.minutes', 4)))).not.toBe(hash)
    // What is left out is what is meant by default.
    expect(specHashOf(zSpec.parse(changed('work.resources.gpus', 0)))).toBe(hash)
  })
})

test.each(shippedIds)('what %s tells its learners is whole and the same in both languages', (id) => {
  const practical = loadPracticals().find(id)
  const { title, description, instructions } = practical ?? {}
  expect(instructions?.en.length).toBe(instructions?.fr.length)
  for (const language of ['en', 'fr'] as const) {
    const texts = [description?.[language], ...(instructions?.[language] ?? [])]
    for (const text of texts) expect(text).toMatch(/^\p{Lu}.*[.]$/su)
    expect(title?.[language]).toMatch(/\p{L}$/u)
  }
  // Where a learner begins can be handed in as it is.
  for (const seed of [0, 1, 0xffffffff]) {
    const example = practical?.exampleFor(seed)
    expect(practical?.parseConfiguration(example)).toEqual(example)
  }
})

test('the functions on AWS, which have no sources, know of a practical what its files say', () => {
  const { practicals: unpacked } = unpackPracticals(packPracticals())
  for (const id of shippedIds)
    expect(JSON.stringify(unpacked.find(id))).toBe(JSON.stringify(loadPracticals().find(id)))
})
