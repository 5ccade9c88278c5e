import { html } from 'hono/html'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { Module, Ontology } from '#core/skills/ontology.ts'
import { inLanguage, type Text } from '#core/text.ts'
import { bullets, type Content, factList, table } from './components.ts'
import type { Language } from './language.ts'
import type { Html } from './layout.ts'
import { words } from './ontology-words.ts'
import { inPage, type Reader } from './reader.ts'
import { skillLink } from './skill.ts'

/** The page of one module: outcomes, entry, and every fact an award of it must state. */
export function moduleBody(
  { ontology }: Pick<Ports, 'ontology'>,
  id: string,
  reader: Reader,
): { title: string; description: string; body: Html } {
  const module = ontology.modules.get(id)
  if (!module) throw new Refusal('not_found', 'There is no such module.')
  const { language } = reader
  const text = words[language]
  const entry = bullets(module.entry.map((one) => skillLink(one, ontology, reader)))
  const body = html`<h1>${inPage(module.title, language)}</h1>
<p class="lead">${inPage(module.description, language)}</p>
<p class="actions"><a class="button" href="/modules/${module.id}/enrol">${text.enrol}</a></p>
<h2>${text.outcomes}</h2>
${table(
  text.outcomesCaption,
  [{ title: text.outcome }, { title: text.skillsAndLevels }],
  module.outcomes.map(({ statement, skills }): Content[] => [
    inPage(statement, language),
    html`${skills.map((one) => html`${skillLink(one, ontology, reader)} `)}`,
  ]),
)}
<h2>${text.entry}</h2>
${entry ?? html`<p>${text.entryNone}</p>`}
<h2>${text.facts}</h2>
${facts(module, ontology, language)}`
  return {
    title: inLanguage(module.title, language).value,
    description: inLanguage(module.description, language).value,
    body,
  }
}

function facts(module: Module, ontology: Ontology, language: Language): Html {
  const text = words[language]
  const coded = (list: ReadonlyMap<string, { label: Text }>, id: string): Content => {
    const found = list.get(id)
    return found ? inPage(found.label, language) : id
  }
  const names = new Intl.DisplayNames([language], { type: 'language' })
  const ects = new Intl.NumberFormat(language).format(module.ects)
  return factList([
    [text.targetGroup, bullets(module.targetGroups.map((group) => coded(ontology.targetGroups, group)))],
    [text.eqf, module.eqfLevel],
    [text.ects, text.ectsValue(ects)],
    [text.workload, text.workloadValue(String(module.workloadHours))],
    [text.field, html`${module.iscedF} ${coded(ontology.fieldsOfStudy, module.iscedF)}`],
    [text.languages, module.languages.map((one) => names.of(one) ?? one).join(', ')],
    [text.mode, coded(ontology.modes, module.mode)],
    [
      text.assessment,
      html`${coded(ontology.assessments, module.assessment)}${module.assessedByRun ? html`. ${text.assessedByRun}` : ''}${module.secondAssessor ? html` ${text.secondAssessor}` : ''}`,
    ],
    [text.passMark, text.passMarkValue(String(module.passMarkPercent))],
    [text.practicalFact, practical(module, language)],
    [text.supervision, coded(ontology.supervisions, module.supervision)],
    [text.quality, inPage(module.qualityAssurance, language)],
    [
      text.stackability,
      html`${bullets(
        module.stackability.partOf.map((id) => {
          const programme = ontology.programmes.get(id)
          return programme ? inPage(programme.title, language) : id
        }),
      )}${inPage(module.stackability.statement, language)}`,
    ],
    [text.version, ontology.version],
  ])
}

function practical({ practical: task }: Module, language: Language): Html {
  const text = words[language]
  if (!task) return html`${text.noPractical}`
  const size = text.practicalValue(String(task.gpus), String(task.maxMinutes))
  return task.id === undefined ? html`${size}. ${text.practicalNotShipped}` : html`${size}`
}
