import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import type { Actor } from '#core/access/operations.ts'
import { heldSkills, missingSkills } from '#core/awards/held-skills.ts'
import type { LearnerId } from '#core/ids.ts'
import { enrol, zEnrol } from '#core/offerings/enrol.ts'
import { countries, nuts1Regions } from '#core/offerings/nuts1.ts'
import { type Enrolment, type Offering, targetGroups } from '#core/offerings/offering.ts'
import { parse } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { Module, SkillLevel } from '#core/skills/ontology.ts'
import { inLanguage, type Text } from '#core/text.ts'
import { sessionOf } from '../session.ts'
import { bullets, emptyState, field, note, tag } from './components.ts'
import { languageName, longDate } from './dates.ts'
import { enrolWords } from './i18n/enrol.ts'
import type { Language } from './language.ts'
import { type Html, sendPage } from './layout.ts'
import { readerOf } from './reader.ts'
import { signInFirst } from './sign-in-first.ts'
import { hiddenFields, readSignedForm } from './signed-form.ts'
import { skillLink } from './skill.ts'

type EnrolPorts = Pick<Ports, 'store' | 'ontology' | 'practicals' | 'clock' | 'random' | 'signers'>

/** `/modules/{id}/enrol`: the dates of a module at the learner's institution, taking one, and what comes next. */
export function enrolRoutes(ports: EnrolPorts): Hono {
  const app = new Hono()

  app.get('/modules/:id/enrol', async (c) => {
    const actor = sessionOf(c)
    const module = moduleAsked(c, ports)
    if (!actor) return sendPage(c, (language) => signInFirst(language, c.req.path), { status: 401 })
    return enrolPage(c, actor, module, ports)
  })

  app.post('/modules/:id/enrol', async (c) => {
    const { actor, fields } = await readSignedForm(c)
    const module = moduleAsked(c, ports)
    const { requestId, offeringId } = fields
    try {
      const input = parse(zEnrol, {
        requestId,
        offeringId,
        ...statisticsAnswers(fields),
        learnerId: actor.learnerId,
        analyticsConsent: fields['analyticsConsent'] === 'on',
      })
      await enrol(actor, input, ports)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (error.code === 'offering_full') return enrolPage(c, actor, module, ports, 'full')
      if (error.code === 'invalid_input') return enrolPage(c, actor, module, ports, 'wrong')
      // Asked twice, from two windows: what was wanted is so.
      if (error.code !== 'already_enrolled') throw error
    }
    return c.redirect(c.req.path, 303)
  })
  return app
}

/** What was said of oneself; who would rather not say leaves it empty. */
function statisticsAnswers(fields: Record<string, unknown>): Record<string, unknown> {
  const { place, targetGroup, sector, organisation } = fields
  const isRegion = typeof place === 'string' && nuts1Regions.has(place)
  const answers = { [isRegion ? 'nuts1' : 'country']: place, targetGroup, sector, organisation }
  return Object.fromEntries(
    Object.entries(answers).filter(([, value]) => value !== undefined && value !== ''),
  )
}

function moduleAsked(c: Context, { ontology }: Pick<Ports, 'ontology'>): Module {
  const module = ontology.modules.get(c.req.param('id') ?? '')
  if (!module) throw new Refusal('not_found', 'There is no such module.')
  return module
}

interface Seen {
  offerings: Offering[]
  taken: Map<string, Enrolment>
  missing: SkillLevel[]
}

async function readSeen(
  learnerId: LearnerId,
  actor: Actor,
  module: Module,
  ports: EnrolPorts,
): Promise<Seen> {
  const { store, clock, ontology } = ports
  const now = clock.now()
  const [learner, awards, enrolments, { items }] = await Promise.all([
    store.findLearner(learnerId),
    store.awardsOf(learnerId),
    store.enrolmentsOf(learnerId),
    store.listOfferings(actor.tenant, { limit: 100 }),
  ])
  if (!learner) throw new Refusal('not_found', 'There is no such record.')
  const today = now.toISOString().slice(0, 10)
  return {
    offerings: items.filter(({ moduleId, endsOn }) => moduleId === module.id && endsOn >= today),
    taken: new Map(enrolments.map((one) => [one.offeringId, one])),
    missing: missingSkills(module.entry, heldSkills(learner, awards, ontology, now)),
  }
}

async function enrolPage(
  c: Context,
  actor: Actor,
  module: Module,
  ports: EnrolPorts,
  problem?: 'full' | 'wrong',
): Promise<Response> {
  const seen = actor.learnerId && (await readSeen(actor.learnerId, actor, module, ports))
  const hidden = hiddenFields(c, ports)
  const render = (language: Language) => {
    const words = enrolWords[language]
    const title = words.title(inLanguage(module.title, language).value)
    return {
      title,
      body: html`<h1>${title}</h1>
${problem ? note(words[problem], 'bad') : ''}
${seen ? learnerView(c, module, seen, hidden, language, ports) : html`<p>${words.noLearner}</p>`}
<p><a href="/modules/${module.id}">${words.module}</a></p>`,
    }
  }
  return sendPage(c, render, { status: problem === undefined ? 200 : problem === 'full' ? 409 : 400 })
}

function learnerView(
  c: Context,
  module: Module,
  { offerings, taken, missing }: Seen,
  hidden: () => Html,
  language: Language,
  ports: EnrolPorts,
): Html {
  const words = enrolWords[language]
  if (offerings.length === 0) return emptyState(words.noDates, { href: '/modules', label: words.browse })
  const open = offerings.filter(({ id }) => !taken.has(id))
  const reader = readerOf(c, language)
  const needed = html`<h2>${words.missing}</h2>
${bullets(missing.map((one) => skillLink(one, ports.ontology, reader)))}
<p class="actions"><a class="button quiet" href="/path">${words.path}</a></p>`
  return html`<p class="lead">${words.lead}</p>
<ul class="cards wide">${offerings.map((offering) => offeringCard(offering, taken.has(offering.id), module, language, ports))}</ul>
${open.length === 0 ? '' : missing.length > 0 ? needed : enrolForm(c.req.path, open, hidden, language, ports)}`
}

function offeringCard(
  offering: Offering,
  isTaken: boolean,
  module: Module,
  language: Language,
  { practicals }: EnrolPorts,
): Html {
  const words = enrolWords[language]
  const practical = module.practical?.id
  const next =
    practical !== undefined && practicals.find(practical)
      ? html`<p class="actions"><a class="button" href="/practicals/start/${offering.id}">${words.practical}</a></p>`
      : html`<p>${words.byAssessor}</p>`
  return html`<li class="card"><h3>${datesOf(offering, language)}</h3>
<p>${words.language(languageName(offering.language, language))}. ${offering.allowsLocalEvidence ? words.local : ''}</p>
${isTaken ? html`<p>${tag(words.enrolled, 'good')}</p>${next}` : ''}</li>`
}

function datesOf({ startsOn, endsOn }: Offering, language: Language): string {
  return enrolWords[language].from(longDate(startsOn, language), longDate(endsOn, language))
}

function enrolForm(
  path: string,
  open: Offering[],
  hidden: () => Html,
  language: Language,
  { ontology }: EnrolPorts,
): Html {
  const words = enrolWords[language]
  const regions = new Intl.DisplayNames([language], { type: 'region' })
  const label = (list: ReadonlyMap<string, { label: Text }>, id: string) => {
    const found = list.get(id)
    return found ? inLanguage(found.label, language).value : id
  }
  const choices = (options: readonly Choice[]) =>
    options.map(([value, text]) => html`<option value="${value}">${text}</option>`)
  const question = (name: string, title: string, options: Html | Html[]) =>
    field({
      name,
      label: title,
      control: (attributes) =>
        html`<select ${attributes}><option value="">${words.ratherNot}</option>${options}</select>`,
    })
  const sorted = (options: Choice[]) => options.sort(([, a], [, b]) => a.localeCompare(b, language))
  const places = sorted(countries.map((code) => [code, regions.of(code) ?? code])).map(([code, name]) => {
    const [first, ...others] = [...nuts1Regions].filter(([, { country }]) => country === code)
    // One region is the whole country, under the country's name.
    if (!first || others.length === 0) return choices([[first?.[0] ?? code, name]])
    const listed = [first, ...others].map(([region, one]): Choice => [region, one.name])
    return html`<optgroup label="${name}">${choices([[code, words.noRegion(name)], ...listed])}</optgroup>`
  })
  return html`<h2>${words.enrol}</h2>
<form method="post" action="${path}">${hidden()}
${field({
  name: 'offeringId',
  label: words.date,
  control: (attributes) =>
    html`<select ${attributes} required>${open.length > 1 ? html`<option value=""></option>` : ''}${choices(open.map((offering): Choice => [offering.id, datesOf(offering, language)]))}</select>`,
})}
<fieldset><legend>${words.statistics}</legend>
<p>${words.statisticsText}</p>
<div class="field"><label class="choice"><input type="checkbox" name="analyticsConsent" aria-describedby="consent-hint"> ${words.consent}</label>
<p class="hint" id="consent-hint">${words.consentHint}</p></div>
${question('place', words.place, html`${places}`)}
${question('targetGroup', words.group, choices(targetGroups.map((group) => [group, label(ontology.targetGroups, group)])))}
${question('sector', words.sector, choices(sorted([...ontology.sectors.keys()].map((id) => [id, label(ontology.sectors, id)]))))}
${field({
  name: 'organisation',
  label: words.organisation,
  hint: words.organisationHint,
  control: (attributes) => html`<input ${attributes} maxlength="200" autocomplete="organization">`,
})}
</fieldset>
<p class="actions"><button>${words.enrol}</button></p></form>`
}

type Choice = [value: string, label: string]
