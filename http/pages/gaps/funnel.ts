import { html, raw } from 'hono/html'
import { stages } from '#core/gaps/places.ts'
import {
  type FunnelDimension,
  type FunnelSteps,
  funnelDimensions,
  type TrainingFunnel,
} from '#core/gaps/training-funnel.ts'
import type { Ports } from '#core/ports.ts'
import { field, table } from '../components.ts'
import { inBoth } from '../i18n/words.ts'
import type { Language } from '../language.ts'
import type { Html } from '../layout.ts'
import { option } from './asked.ts'
import { type GapNames, gapNames } from './names.ts'
import { provenance, whyHidden } from './provenance.ts'
import { gapWords } from './words.ts'

const funnelWords = inBoth(
  {
    lead: 'How far learners come: from enrolling to a credential that somebody verified. Who came further counts in each stage before.',
    by: 'Break it down by',
    total: 'All sectors that may be shown',
    caption: 'Learners who came at least this far',
    stages: {
      enrolled: 'Enrolled',
      practised: 'Practised',
      assessed: 'Assessed',
      issued: 'Awarded',
      claimed: 'Collected',
      verified: 'Verified',
    },
    meaning: {
      enrolled: 'took a place in an offering and agreed to be counted',
      practised: 'started a practical, or came further without one',
      assessed: 'was assessed, passed or not',
      issued: 'passed and was awarded',
      claimed: 'collected a credential into a wallet or as a file',
      verified: 'had a credential verified by somebody; by whom is not kept',
    },
  },
  {
    lead: 'Jusqu’où vont les apprenants : de l’inscription à une attestation que quelqu’un a vérifiée. Qui est allé plus loin compte à chaque étape précédente.',
    by: 'Détailler par',
    total: 'Tous les secteurs qui peuvent être affichés',
    caption: 'Apprenants arrivés au moins jusque-là',
    stages: {
      enrolled: 'Inscrits',
      practised: 'Exercés',
      assessed: 'Évalués',
      issued: 'Certifiés',
      claimed: 'Retirés',
      verified: 'Vérifiés',
    },
    meaning: {
      enrolled: 'a pris une place dans une session et accepté d’être compté',
      practised: 'a commencé un travail pratique, ou est allé plus loin sans en faire',
      assessed: 'a été évalué, avec succès ou non',
      issued: 'a réussi et reçu le titre',
      claimed: 'a retiré une attestation dans un portefeuille ou en fichier',
      verified: 'a vu une attestation vérifiée par quelqu’un ; par qui n’est pas conservé',
    },
  },
)

export function funnelView(
  funnel: TrainingFunnel,
  by: FunnelDimension,
  language: Language,
  ports: Pick<Ports, 'ontology'>,
): Html {
  const words = gapWords[language]
  const text = funnelWords[language]
  const show = gapNames(language, ports)
  return html`<p class="lead">${text.lead}</p>
<h2>${text.total}</h2>
${bars(funnel.total, show, language)}
<form method="get" action="/gaps/funnel" class="inline-fields">
${field({
  name: 'by',
  label: text.by,
  control: (attributes) =>
    html`<select ${attributes}>${funnelDimensions.map((one) => option(one, words.dimensions[one], one === by))}</select>`,
})}
<p class="actions"><button type="submit">${words.show}</button></p></form>
${table(
  text.caption,
  [{ title: words.dimensions[by] }, ...stages.map((stage) => ({ title: text.stages[stage], number: true }))],
  funnel.rows.map(({ code, steps }) => [
    show.nameOf(by, code),
    ...stages.map((stage) => show.number(steps[stage])),
  ]),
)}
${whyHidden(funnel.snapshot, language, false)}
${provenance(funnel.snapshot, language)}`
}

const width = 480

function bars(total: FunnelSteps, show: GapNames, language: Language): Html {
  const text = funnelWords[language]
  const most = Math.max(1, ...stages.map((stage) => total[stage] ?? 0))
  return html`<ol class="funnel">${stages.map((stage) => {
    const value = total[stage]
    const length = value === null ? 0 : Math.max(2, Math.round((value / most) * width))
    const share =
      value === null || total.enrolled === null
        ? ''
        : html` · ${show.percent(Math.round((value / total.enrolled) * 100))}`
    return html`<li><div><strong>${text.stages[stage]}</strong> <span class="soft small">${text.meaning[stage]}</span></div>
<svg viewBox="0 0 ${width} 18" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="track" width="${width}" height="18" rx="3"/>${raw(`<rect class="bar" width="${length}" height="18" rx="3"/>`)}</svg>
<div class="number">${show.number(value)}${share}</div></li>`
  })}</ol>`
}
