import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import type { Award } from '#core/awards/award.ts'
import { correctAward, correctionReasons, zCorrectAward } from '#core/awards/correct-award.ts'
import type { Person } from '#core/learners/learner.ts'
import { parse } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { sessionOf } from '../session.ts'
import { reasonFields } from './awards.ts'
import { field, note } from './components.ts'
import { awardWords } from './i18n/awards.ts'
import type { Language } from './language.ts'
import { type Html, sendPage } from './layout.ts'
import { readAward } from './manage-award.ts'
import { inPage } from './reader.ts'
import { signInFirst } from './sign-in-first.ts'
import { hiddenFields, readSignedForm } from './signed-form.ts'

type CorrectPorts = Pick<Ports, 'store' | 'ontology' | 'clock' | 'random' | 'signers' | 'settings'>

const fieldNames = ['givenName', 'familyName', 'email', 'scorePercent', 'awardedOn', 'validUntil'] as const
type FieldName = (typeof fieldNames)[number]

/** `/awards/{award}/correct`: the award as it is, to be put right; sending it replaces the award. */
export function correctAwardRoutes(ports: CorrectPorts): Hono {
  const app = new Hono()

  app.get('/awards/:award/correct', async (c) => {
    if (!sessionOf(c)) return sendPage(c, (language) => signInFirst(language, c.req.path), { status: 401 })
    return formPage(c, ports)
  })

  app.post('/awards/:award/correct', async (c) => {
    const { actor, fields } = await readSignedForm(c)
    const text = (name: string) => (typeof fields[name] === 'string' ? fields[name].trim() : '')
    const before = await valuesOf(await readAward(actor, c.req.param('award'), ports), ports)
    // Only what is written differently is a correction; an emptied field is a mistake and not a wish.
    const changed = fieldNames.filter((name) => text(name) !== before[name])
    const values = Object.fromEntries(
      changed.map((name) => [name, name === 'scorePercent' ? numberOf(text(name)) : text(name)]),
    )
    const input = {
      requestId: fields['requestId'],
      awardId: c.req.param('award'),
      reasonCode: text('reasonCode') || 'other',
      reason: text('reason'),
      ...values,
      ...(fields['contentOfToday'] === 'on' ? { contentOfToday: true } : {}),
    }
    const sent = Object.fromEntries(fieldNames.map((name) => [name, text(name)]))
    try {
      const { award } = await correctAward(actor, parse(zCorrectAward, input), ports)
      const corrected = award.supersedes === c.req.param('award') ? '?corrected' : ''
      return c.redirect(`/awards/${award.id}/manage${corrected}`, 303)
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'invalid_input') throw error
      return formPage(c, ports, { field: error.field, sent })
    }
  })
  return app
}

const numberOf = (text: string) => (text === '' ? Number.NaN : Number(text.replace(',', '.')))

interface Wrong {
  /** The field of the refusal; none when nothing was changed. */
  field: string | undefined
  /** What was sent, to be shown again. */
  sent: Record<string, string>
}

async function valuesOf(award: Award, { store }: Pick<Ports, 'store'>): Promise<Record<FieldName, string>> {
  const person: Partial<Person> = (await store.findLearner(award.learnerId))?.person ?? {}
  const day = (date: Date | undefined) => date?.toISOString().slice(0, 10) ?? ''
  return {
    givenName: person.givenName ?? '',
    familyName: person.familyName ?? '',
    email: person.email ?? '',
    scorePercent: String(award.scorePercent),
    awardedOn: day(award.awardedAt),
    validUntil: day(award.validUntil),
  }
}

async function formPage(c: Context, ports: CorrectPorts, wrong?: Wrong): Promise<Response> {
  const award = await readAward(sessionOf(c), c.req.param('award'), ports)
  if (award.status.state !== 'valid') {
    throw new Refusal('state_conflict', `The award is ${award.status.state}: only a valid one is corrected.`)
  }
  const values = { ...(await valuesOf(award, ports)), ...wrong?.sent }
  const passMark = ports.ontology.modules.get(award.moduleId)?.passMarkPercent ?? 0
  const hidden = hiddenFields(c, ports)
  return sendPage(
    c,
    (language) => {
      const words = awardWords[language]
      return {
        title: words.correctTitle,
        body: html`<h1>${words.correctTitle}</h1>
<p class="lead">${inPage(award.title, language)}</p>
<p>${words.correctLead}</p>
${wrong ? note(wrong.field === undefined ? words.nothingChanged : words.wrong, 'bad') : ''}
<form method="post" action="/awards/${award.id}/correct" novalidate>${hidden()}
<div class="side-by-side">
${fieldNames.map((name) => inputOf(name, values[name], wrong?.field, passMark, language))}
</div>
<label class="choice"><input type="checkbox" name="contentOfToday"> ${words.contentOfToday}</label>
${reasonFields(correctionReasons, language, { required: true })}
<p class="actions"><button>${words.sure}</button> <a class="button quiet" href="/awards/${award.id}/manage">${words.backToOne}</a></p>
</form>`,
      }
    },
    { status: wrong ? 400 : 200 },
  )
}

const types: Record<FieldName, string> = {
  givenName: 'text',
  familyName: 'text',
  email: 'email',
  scorePercent: 'text',
  awardedOn: 'date',
  validUntil: 'date',
}

function inputOf(
  name: FieldName,
  value: string,
  wrong: string | undefined,
  passMark: number,
  language: Language,
): Html {
  const words = awardWords[language]
  const errors: Partial<Record<FieldName, string>> = {
    scorePercent: words.notBelow,
    awardedOn: words.notFuture,
    validUntil: words.notBefore,
  }
  return field({
    name,
    label: words[name],
    hint: name === 'scorePercent' ? words.scoreHint(passMark) : undefined,
    error: wrong === name ? (errors[name] ?? words.badForm) : undefined,
    control: (attributes) =>
      html`<input ${attributes} type="${types[name]}" value="${value}" maxlength="320"${name === 'scorePercent' ? html` inputmode="decimal"` : ''}>`,
  })
}
