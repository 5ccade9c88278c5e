import type { PracticalEvidence } from '#core/practicals/evidence.ts'
import type { Text } from '#core/text.ts'
import { concept, type Draft, dateTime, note } from './draft.ts'
import type { JsonObject } from './graph.ts'
import {
  assuranceWords,
  hardwareWords,
  headings,
  localRun,
  practicalTitle,
  siteRun,
  thresholdWords,
} from './words.ts'

/**
 * A graded practical as an assessment that is part of the module's assessment (decision 0081). What was
 * measured stands as its grade; machine, assurance and place as a note; the digests as identifiers.
 */
export function practicalAssessment(
  draft: Draft,
  evidence: PracticalEvidence,
  shared: { awardedBy: JsonObject; supervision: JsonObject | undefined },
): JsonObject {
  const title = practicalTitle(evidence.practical, evidence.practicalVersion)
  return draft.thing('LearningAssessment', {
    title: draft.say(title),
    identifier: [
      draft.thing('Identifier', {
        notation: evidence.runDigest,
        schemeName: 'SHA-256 over site, job and nonce of the graded run',
      }),
    ],
    awardedBy: shared.awardedBy,
    dateIssued: dateTime(evidence.finishedAt),
    grade: note(draft, measured(evidence)),
    idVerification: shared.supervision,
    additionalNote: [note(draft, circumstances(evidence), headings.practical)],
    specifiedBy: draft.thing('LearningAssessmentSpecification', {
      title: draft.say(title),
      identifier: draft.thing('Identifier', {
        notation: evidence.specHash,
        schemeName: 'SHA-256 of the canonical specification of the practical',
      }),
      dcType: concept('assessmentType', '6a4db9f11d'),
      mode: [concept('mode', '920fbb3cbe')],
    }),
  })
}

/** What was measured, with the figure that was needed. */
export function measured({ metrics }: PracticalEvidence): Text {
  const inLanguage = (language: 'en' | 'fr') =>
    metrics
      .map(({ name, value, unit, threshold }) => {
        const needed = threshold === undefined ? '' : ` (${thresholdWords(threshold)[language]})`
        return `${name} ${value} ${unit}${needed}`
      })
      .join('; ')
  return { en: inLanguage('en') || 'passed', fr: inLanguage('fr') || 'réussi' }
}

/** Where, on what and under which assurance it ran. */
export function circumstances({
  environment,
  site,
  partition,
  hardware,
  assurance,
  level,
}: PracticalEvidence): Text {
  const place = environment === 'local' ? localRun : siteRun(site, partition)
  const { cpu, cores, memoryGiB, gpus, gpuType } = hardware
  const accelerators = gpus > 0 ? `${gpus} × ${gpuType ?? 'GPU'}` : ''
  const machine = hardwareWords(`${cores} × ${cpu}`, memoryGiB, accelerators)
  const how = assuranceWords[assurance]
  return {
    en: `${place.en} ${machine.en} Assurance level ${level}: ${how?.en ?? assurance}.`,
    fr: `${place.fr} ${machine.fr} Niveau d’assurance ${level} : ${how?.fr ?? assurance}.`,
  }
}
