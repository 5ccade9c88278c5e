import { html } from 'hono/html'
import type { SnapshotHeader } from '#core/gaps/snapshot.ts'
import { factList } from '../components.ts'
import { dateAndTime } from '../dates.ts'
import type { Language } from '../language.ts'
import type { Html } from '../layout.ts'
import { gapWords } from './words.ts'

/** What every answer states about itself: when, by which ontology, threshold, method and demand. */
export function provenance(snapshot: SnapshotHeader, language: Language): Html {
  const words = gapWords[language]
  return html`<h2>${words.madeHow}</h2>
${factList([
  [
    words.snapshotDate,
    html`<time datetime="${snapshot.publishedAt.toISOString()}">${dateAndTime(snapshot.publishedAt, language)}</time>`,
  ],
  [words.ontology, snapshot.ontology.version],
  [words.digest, html`<code class="break">${snapshot.ontology.digest}</code>`],
  [words.threshold, words.thresholdText(snapshot.threshold)],
  [words.method, words.methodText],
  [words.methodCode, html`<code class="break" lang="en">${snapshot.method}</code>`],
  [
    words.demandSource,
    snapshot.demandSource === 'upload' ? words.uploaded(String(snapshot.demandYear ?? '')) : words.synthetic,
  ],
])}`
}

/** Why a number is missing, in plain words. */
export function whyHidden(
  { threshold }: Pick<SnapshotHeader, 'threshold'>,
  language: Language,
  partly: boolean,
): Html {
  const words = gapWords[language]
  return html`<div class="note" id="why-hidden"><p><strong>${words.hiddenTitle}.</strong> ${words.hiddenExplained(threshold)}${partly ? ` ${words.partlyExplained}` : ''}</p></div>`
}
