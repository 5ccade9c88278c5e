import { type Context, Hono } from 'hono'
import { html, raw } from 'hono/html'
import { zLevel, zSlug } from '#core/parse.ts'
import { type LearningPath, pathTargets } from '#core/paths/learning-path.ts'
import { type PathCost, pathCosts } from '#core/paths/path-cost.ts'
import { type PlanPath, planPath } from '#core/paths/plan-path.ts'
import { presentedSkills } from '#core/paths/presented-skills.ts'
import type { Ports } from '#core/ports.ts'
import type { Level, SkillLevel } from '#core/skills/ontology.ts'
import { inLanguage, type Text } from '#core/text.ts'
import type { Outcome } from '#core/verification/verification.ts'
import type { VerifyPorts } from '#core/verification/verify-credential.ts'
import { readForm } from '../read-form.ts'
import { sessionOf } from '../session.ts'
import { bullets, factList, field, note, table } from './components.ts'
import { verificationWords } from './i18n/verification.ts'
import type { Language } from './language.ts'
import { type Html, sendPage } from './layout.ts'
import { type NamesAndNumbers, namesAndNumbers } from './names-and-numbers.ts'
import { pathWords } from './path-words.ts'

type PathPorts = Pick<Ports, 'store' | 'ontology' | 'graph' | 'clock'> & VerifyPorts

/**
 * `/path`: the way of least cost from what is held to a role in a sector. A learner's awards count by themselves;
 * anybody may tick skills, or present a credential, which is checked and taken from the body only: in an address it
 * would end in histories and logs. Works without script.
 */
export function pathRoutes(ports: PathPorts): Hono {
  const app = new Hono()
  app.get('/path', (c) => pathPage(c, ports, readAsked(new URL(c.req.url).searchParams)))
  app.post('/path', async (c) => {
    const form = await readForm(c)
    const { credential, query } = form
    const parameters = new URLSearchParams(typeof query === 'string' ? query.slice(0, mostQuery) : '')
    const asked = readAsked(parameters)
    if (typeof credential !== 'string' || credential.trim() === '')
      return pathPage(c, ports, asked, 'missing')
    const { outcome, presented } = await presentedSkills(credential, ports)
    if (!presented) return pathPage(c, ports, asked, outcome)
    for (const { skill, level } of presented.skills) parameters.append('hold', `${skill}.${level}`)
    parameters.set('presented', String(presented.skills.length))
    parameters.set('others', String(presented.others.length))
    return c.redirect(`/path?${parameters.toString()}`, 303)
  })
  return app
}

const mostQuery = 8000
const mostHeld = 200

interface Asked {
  role: string | undefined
  sector: string | undefined
  skills: 'essential' | 'all'
  minimise: PathCost
  /** Ticked, or taken from a credential; the highest level of each. */
  held: ReadonlyMap<string, Level>
  presented: number | undefined
  others: number
}

function readAsked(parameters: URLSearchParams): Asked {
  const held = new Map<string, Level>()
  for (const one of parameters.getAll('hold').slice(0, mostHeld)) {
    const dot = one.lastIndexOf('.')
    const skill = zSlug.safeParse(one.slice(0, dot))
    const level = zLevel.safeParse(Number(one.slice(dot + 1)))
    if (skill.success && level.success && level.data > (held.get(skill.data) ?? 0))
      held.set(skill.data, level.data)
  }
  const count = (name: string) => Number(/^\d{1,3}$/.exec(parameters.get(name) ?? '')?.[0] ?? Number.NaN)
  return {
    role: parameters.get('role') || undefined,
    sector: parameters.get('sector') || undefined,
    skills: parameters.get('skills') === 'all' ? 'all' : 'essential',
    minimise: pathCosts.find((cost) => cost === parameters.get('minimise')) ?? 'hours',
    held,
    presented: Number.isNaN(count('presented')) ? undefined : count('presented'),
    others: count('others') || 0,
  }
}

/** The parameters of a page, so that a form leads back to it. */
function queryOf({ role, sector, skills, minimise, held }: Asked): string {
  const parameters = new URLSearchParams({ role: role ?? '', sector: sector ?? '', skills, minimise })
  for (const [skill, level] of held) parameters.append('hold', `${skill}.${level}`)
  return parameters.toString()
}

type Problem = Outcome | 'missing'

async function pathPage(c: Context, ports: PathPorts, asked: Asked, problem?: Problem): Promise<Response> {
  const learnerId = sessionOf(c)?.learnerId
  const found =
    asked.role === undefined ? undefined : await findPath(c, { ...asked, role: asked.role }, ports)
  return sendPage(
    c,
    (language) => {
      const text = pathWords[language]
      const show = namesAndNumbers(language, ports)
      return {
        title: text.title,
        body: html`<h1>${text.title}</h1>
<p class="lead">${learnerId === undefined ? text.lead : text.leadLearner}</p>
${asked.presented === undefined ? '' : note(html`${text.presented(asked.presented)} ${asked.others > 0 ? text.presentedOthers(asked.others) : ''}`)}
<form method="get" action="/path">
${chooser(asked, language, ports)}
${found ? holding(found.all, asked, show, language) : ''}
<p class="actions"><button type="submit">${text.show}</button></p>
</form>
${found ? answer(found.path, show, language) : ''}
${presenting(asked, problem, language)}`,
      }
    },
    { status: problem === undefined ? 200 : 400 },
  )
}

/** The path, and all that the role asks for from nothing, in an order to learn it in: what can be ticked. */
async function findPath(
  c: Context,
  { role, sector, skills, minimise, held }: Asked & { role: string },
  ports: PathPorts,
): Promise<{ path: LearningPath; all: SkillLevel[] }> {
  const actor = sessionOf(c)
  const question: PlanPath = {
    role,
    skills,
    minimise,
    ...(sector === undefined ? {} : { sector }),
    ...(actor?.learnerId === undefined ? {} : { learnerId: actor.learnerId }),
    held: [...held].map(([skill, level]) => ({ skill, level })),
  }
  const path = await planPath(actor, question, ports)
  return { path, all: await ports.graph.plan(pathTargets(question, ports.ontology), []) }
}

function chooser(asked: Asked, language: Language, { ontology }: Pick<Ports, 'ontology'>): Html {
  const text = pathWords[language]
  const option = (value: string, label: string, chosen: boolean) =>
    html`<option value="${value}"${chosen ? raw(' selected') : ''}>${label}</option>`
  const select = (name: string, label: string, options: readonly Html[], required = false) =>
    field({
      name,
      label,
      control: (attributes) =>
        html`<select ${attributes}${required ? raw(' required') : ''}>${options}</select>`,
    })
  const named = (entries: Iterable<readonly [string, { label: Text }]>, chosen: string | undefined) =>
    [...entries].map(([id, { label }]) => option(id, inLanguage(label, language).value, id === chosen))
  return html`<div class="filters">
${select('role', text.role, [option('', text.choose, asked.role === undefined), ...named(ontology.roles, asked.role)], true)}
${select('sector', text.sector, [option('', text.noSector, asked.sector === undefined), ...named(ontology.sectors, asked.sector)])}
${select('skills', text.skills, [
  option('essential', text.essential, asked.skills === 'essential'),
  option('all', text.all, asked.skills === 'all'),
])}
${select(
  'minimise',
  text.minimise,
  pathCosts.map((cost) => option(cost, text.costs[cost], cost === asked.minimise)),
)}
</div>`
}

/** A box for each skill that is asked for; what is held besides, or at a lower level, comes along unseen. */
function holding(
  all: readonly SkillLevel[],
  { held }: Asked,
  show: NamesAndNumbers,
  language: Language,
): Html {
  const text = pathWords[language]
  const boxed = new Map(all.map(({ skill, level }) => [skill, level]))
  const unseen = [...held].filter(([skill, level]) => level < (boxed.get(skill) ?? 5))
  const ticked = [...held].filter(([skill, level]) => level >= (boxed.get(skill) ?? 5)).length
  return html`${unseen.map(([skill, level]) => html`<input type="hidden" name="hold" value="${skill}.${level}">`)}
<details${ticked > 0 ? raw(' open') : ''}><summary>${text.hold}</summary>
<fieldset><legend class="hidden">${text.hold}</legend><p class="soft">${text.holdHint}</p>
<div class="choices">${all.map(({ skill, level }) => {
    const own = held.get(skill) ?? 0
    return html`<label class="choice"><input type="checkbox" name="hold" value="${skill}.${Math.max(level, own)}"${own >= level ? raw(' checked') : ''}><span>${text.atLevel(show.skill(skill), level)}${own > 0 && own < level ? html` <span class="soft">${text.holdSome(own)}</span>` : ''}</span></label>`
  })}</div></fieldset></details>`
}

function answer(path: LearningPath, show: NamesAndNumbers, language: Language): Html {
  const text = pathWords[language]
  const cost = text.costs[path.minimise]
  const leveled = ({ skill, level }: SkillLevel) => text.atLevel(show.skill(skill), level)
  const title =
    path.sector === undefined ? show.role(path.role) : `${show.role(path.role)} · ${show.sector(path.sector)}`
  const open = html`${factList([
    [text.met, bullets(path.met.map(leveled))],
    [
      text.untaught,
      bullets(
        path.untaught.map(({ skill, level, taughtTo }) =>
          taughtTo === 0 ? leveled({ skill, level }) : text.taughtTo(leveled({ skill, level }), taughtTo),
        ),
      ),
    ],
  ])}`
  if (path.steps.length === 0) return html`<h2>${title}</h2><p>${text.nothingToTake}</p>${open}`
  return html`<h2>${title}</h2>
<p>${text.sum(path.steps.length)} ${path.optimal ? text.optimal(cost) : text.notOptimal(cost)}</p>
${factList([
  [text.totalHours, text.hoursValue(show.plain(path.workloadHours))],
  [text.totalEcts, text.ectsValue(show.plain(path.ects))],
  [text.totalGpu, path.gpuHours === 0 ? undefined : text.gpuValue(show.plain(path.gpuHours))],
  [text.bound, text.boundValue(show.plain(downToATenth(path.lowerBound)), cost)],
])}
${table(
  text.caption,
  [
    { title: text.module },
    { title: text.hours, number: true },
    { title: text.ects, number: true },
    { title: text.gpu, number: true },
  ],
  path.steps.map(({ module, workloadHours, ects, gpuHours, gains }, index) => [
    // What is new stands folded below its name: a column of its own would leave a phone's screen.
    html`${index + 1}. <a href="/modules/${module}">${show.module(module)}</a><details class="inline small"><summary>${text.gains(gains.length)}</summary>${bullets(gains.map(leveled))}</details>`,
    show.plain(workloadHours),
    show.plain(ects),
    show.plain(gpuHours),
  ]),
)}
${open}`
}

// Rounded up, a bound would say more than is proved.
const downToATenth = (bound: number) => Math.floor(bound * 10 + 1e-4) / 10

function presenting(asked: Asked, problem: Problem | undefined, language: Language): Html {
  const text = pathWords[language]
  const error =
    problem === undefined
      ? undefined
      : problem === 'missing'
        ? text.missing
        : `${text.notAccepted}: ${verificationWords[language].outcomes[problem].title}.`
  return html`<h2 id="present">${text.present}</h2>
<form method="post" action="/path"><input type="hidden" name="query" value="${queryOf(asked)}">
${field({
  name: 'credential',
  label: text.credential,
  hint: text.presentHint,
  error,
  control: (attributes) =>
    html`<textarea ${attributes} rows="5" spellcheck="false" autocapitalize="off" autocomplete="off"></textarea>`,
})}
<p class="actions"><button class="quiet">${text.presentButton}</button></p>
</form>`
}
