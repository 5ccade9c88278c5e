import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import type { Ports } from '#core/ports.ts'
import { findModules } from '#core/skills/find-modules.ts'
import type { Module, Ontology } from '#core/skills/ontology.ts'
import { inLanguage } from '#core/text.ts'
import { emptyState, tag } from './components.ts'
import { filterForm, filterValue, searchAsked, textField } from './filter-form.ts'
import type { Language } from './language.ts'
import { type Html, sendPage } from './layout.ts'
import { moduleBody } from './module.ts'
import { words } from './ontology-words.ts'
import { inPage, readerOf } from './reader.ts'

/** `/modules`, the catalogue with its filters, and `/modules/{id}` with everything an award of it states. */
export function moduleRoutes(ports: Pick<Ports, 'ontology' | 'settings'>): Hono {
  const app = new Hono()
  app.get('/modules', (c) => {
    const search = searchAsked(c)
    return sendPage(c, (language) => modulesPage(c, search, ports, language), {
      cache: 'public',
      status: search.refused ? 400 : 200,
    })
  })
  app.get('/modules/:id', (c) =>
    sendPage(c, (language) => moduleBody(ports, c.req.param('id'), readerOf(c, language)), {
      cache: 'public',
    }),
  )
  return app
}

const hourSteps = [13, 25, 50, 75, 100, 125]

function modulesPage(
  c: Context,
  { text: asked, refused }: ReturnType<typeof searchAsked>,
  { ontology }: Pick<Ports, 'ontology'>,
  language: Language,
): { title: string; description: string; body: Html } {
  const text = words[language]
  const [group, level, sector, domain, hours, practical] = [
    'group',
    'level',
    'sector',
    'domain',
    'hours',
    'practical',
  ].map((name) => filterValue(c, name))
  const modules = findModules(
    ontology,
    {
      text: refused ? undefined : asked,
      targetGroup: group || undefined,
      eqfLevel: level ? Number(level) : undefined,
      sector: sector || undefined,
      domain: domain || undefined,
      hours: hours ? Number(hours) : undefined,
      practical: practical === 'yes' ? true : practical === 'no' ? false : undefined,
    },
    language,
  )
  const named = (list: Ontology['domains']) =>
    [...list].map(([value, { label }]) => ({ value, label: inLanguage(label, language).value }))
  const eqfLevels = [...new Set([...ontology.modules.values()].map(({ eqfLevel }) => eqfLevel))].sort(
    (a, b) => a - b,
  )
  const choices = [
    { name: 'group', label: text.targetGroup, chosen: group ?? '', options: named(ontology.targetGroups) },
    {
      name: 'level',
      label: text.eqfShort,
      chosen: level ?? '',
      options: eqfLevels.map((value) => ({ value: String(value), label: `EQF ${value}` })),
    },
    { name: 'sector', label: text.sector, chosen: sector ?? '', options: named(ontology.sectors) },
    { name: 'domain', label: text.domain, chosen: domain ?? '', options: named(ontology.domains) },
    {
      name: 'hours',
      label: text.hours,
      chosen: hours ?? '',
      options: hourSteps.map((value) => ({ value: String(value), label: text.hoursUpTo(String(value)) })),
    },
    {
      name: 'practical',
      label: text.practical,
      chosen: practical ?? '',
      options: [
        { value: 'yes', label: text.withPractical },
        { value: 'no', label: text.withoutPractical },
      ],
    },
  ]
  const body = html`<h1>${text.modules}</h1>
<p class="lead">${text.modulesLead}</p>
${filterForm('/modules', language, [textField(text.search, asked)], choices)}
${refused ? refused(language) : html`<p role="status">${text.count(String(modules.length))}</p>`}
${
  refused
    ? ''
    : modules.length === 0
      ? emptyState(text.none, { href: '/modules', label: text.clear })
      : html`<ul class="cards">${modules.map((module) => card(module, ontology, language))}</ul>`
}`
  return { title: text.modules, description: text.modulesLead, body }
}

function card(module: Module, ontology: Ontology, language: Language): Html {
  const text = words[language]
  const groups = module.targetGroups.flatMap((id) => {
    const group = ontology.targetGroups.get(id)
    return group ? [inLanguage(group.label, language).value] : []
  })
  return html`<li class="card"><h2><a href="/modules/${module.id}">${inPage(module.title, language)}</a></h2>
<p>${inPage(module.description, language)}</p>
<p class="soft small">${groups.join(', ')}</p>
<p class="small">${text.workloadValue(String(module.workloadHours))} · ${text.ectsValue(numberIn(module.ects, language))} · EQF ${module.eqfLevel} ${module.practical ? tag(text.practical) : ''}</p></li>`
}

function numberIn(value: number, language: Language): string {
  return language === 'fr' ? String(value).replace('.', ',') : String(value)
}
