import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { makeEuropeanCredential } from '#core/edc/european-credential.ts'
import type { JsonObject } from '#core/edc/graph.ts'
import { findProblems } from '#core/edc/rules.ts'
import type { StatusListId } from '#core/ids.ts'
import type { Module } from '#core/skills/ontology.ts'
import { mutationsOf } from '../edc/mutations.ts'
import { officialJudge } from '../edc/official-shapes.ts'
import {
  awardOf,
  certificateOfNorthLake,
  dotPng,
  factsOf,
  localEvidence,
  ontology,
  practicalModule,
  siteEvidence,
} from '../edc/samples.ts'
import { referencePath } from './reference-data.ts'

const official = officialJudge()
const learners = [
  { givenName: 'Ada', familyName: 'Example', number: 'n-1' },
  {
    givenName: 'Ελένη',
    familyName: 'Παπαδοπούλου',
    number: 'n-2',
    dateOfBirth: new Date('1998-04-02T00:00:00Z'),
  },
  { givenName: 'Иван "Ваня"', familyName: 'Петров\\', number: 'n-3' },
]
const languages = [['en'], ['en', 'fr'], ['fr'], ['de', 'en', 'fr'], ['el', 'bg', 'en']]
const evidence = [[], [localEvidence], [localEvidence, siteEvidence]]

/** Seven different credentials of each module: languages, scripts, evidence, end, kind of certificate. */
function generated(): { name: string; credential: JsonObject }[] {
  return [...ontology.modules.values()].flatMap((module, at) =>
    Array.from({ length: 7 }, (_, variant) => ({
      name: `${module.id} ${variant}`,
      credential: credentialOf(module, at * 7 + variant),
    })),
  )
}

function credentialOf(module: Module, seed: number): JsonObject {
  const pick = <T>(list: readonly T[], step: number): T => list[Math.floor(seed / step) % list.length] as T
  return makeEuropeanCredential(
    factsOf({
      module,
      award: awardOf(module, {
        evidence: pick(evidence, 1),
        scorePercent: seed % 101,
        language: pick(['en', 'fr', 'de'], 2),
        workloadHours: module.workloadHours + (seed % 4) / 4,
        ...(seed % 2 ? { validUntil: new Date('2031-11-20T00:00:00Z') } : {}),
      }),
      learner: pick(learners, 1),
      idBytes: createHash('sha256').update(String(seed)).digest().subarray(0, 16),
      certificate: { ...certificateOfNorthLake, claimsQualifiedSeal: seed % 3 === 0 },
      ...(seed % 4 === 3
        ? { status: { list: 'k3vq7m2a-stl-aaaaaaaaaaaaaaaaaaaaaaaaaa' as StatusListId, index: seed } }
        : {}),
      images: pick(languages, 1).map((language) => ({
        language,
        pages: Array.from({ length: 1 + (seed % 3) }, () => ({ type: 'PNG' as const, bytes: dotPng })),
      })),
    }),
  )
}

describe('official shapes of the application profile', () => {
  test('accept every generated credential, as we do, and our term table means what the official context means', async () => {
    const credentials = generated()
    expect(credentials.length).toBeGreaterThanOrEqual(200)
    for (const { name, credential } of credentials) {
      expect(findProblems(credential), name).toEqual([])
      const verdict = await official.judge(credential)
      expect(verdict, name).toEqual({ conforms: true, reasons: [] })
    }
    for (const { name, credential } of credentials) {
      expect(await official.expand(credential, 'own'), name).toEqual(
        await official.expand(credential, 'official'),
      )
    }
    console.log(
      `${credentials.length} credentials of ${ontology.modules.size} modules: accepted by the official shapes (each with its focus node) and by us, expanded alike by both contexts`,
    )
  })

  test('agree with us on every mutation; where only we refuse, the mutation says so', async () => {
    const base = credentialOf(practicalModule, 2)
    const mutations = mutationsOf(base)
    const counts = { refusedByBoth: 0, refusedByUsAlone: 0, acceptedByBoth: 0 }
    for (const { name, credential, oursAlone } of mutations) {
      const { conforms, reasons } = await official.judge(credential)
      const problems = findProblems(credential)
      const shapesOf = problems.filter(({ kind }) => kind !== 'ours')
      const told = `${name}: official ${JSON.stringify(reasons)}, ours ${JSON.stringify(problems)}`
      expect(shapesOf.length === 0, told).toBe(conforms)
      if (oursAlone) {
        expect(conforms, told).toBe(true)
        expect(problems.length, told).toBeGreaterThan(0)
      }
      if (!conforms) counts.refusedByBoth++
      else if (problems.length > 0) counts.refusedByUsAlone++
      else counts.acceptedByBoth++
    }
    console.log(`${mutations.length} mutations`, counts)
    expect(mutations.length).toBeGreaterThanOrEqual(60)
    expect(counts.refusedByBoth).toBeGreaterThanOrEqual(60)
    expect(counts.refusedByUsAlone).toBeGreaterThanOrEqual(5)
  })

  test('have a focus node to look at: without the class nothing is called conforming', async () => {
    const { type: _, ...untyped } = credentialOf(practicalModule, 1)
    expect(await official.judge(untyped)).toMatchObject({ conforms: false })
    expect(findProblems(untyped)).not.toEqual([])
  })

  test('accept the worked example of the reference, and so do our rules', async () => {
    const example = JSON.parse(
      readFileSync(referencePath('edc', 'minimal-conforming.example.json'), 'utf8'),
    ) as JsonObject
    expect(await official.judge(example)).toEqual({ conforms: true, reasons: [] })
    expect(findProblems(example).filter(({ kind }) => kind === 'shape')).toEqual([])
  })
})
