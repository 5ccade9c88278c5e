import { Hono } from 'hono'
import { html } from 'hono/html'
import { authorise } from '#core/access/operations.ts'
import type { SealStanding } from '#core/edc/certificate-watch.ts'
import { platformTag } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { inLanguage } from '#core/text.ts'
import { sessionOf } from '../session.ts'
import { note, type Tone, table, tag } from './components.ts'
import { longDate } from './dates.ts'
import { sealWords } from './i18n/seals.ts'
import type { Language } from './language.ts'
import { sendPage } from './layout.ts'
import { signInFirst } from './sign-in-first.ts'

const tones: Record<SealStanding['state'], Tone> = { good: 'good', expiring: 'wait', unusable: 'bad' }

/** `/seals`: with which certificate each institution seals, and until when; for registrars and operators. */
export function sealRoutes(ports: Pick<Ports, 'store' | 'signers' | 'seals' | 'clock'>): Hono {
  const app = new Hono()
  app.get('/seals', async (c) => {
    const actor = sessionOf(c)
    if (!actor) return sendPage(c, (language) => signInFirst(language, '/seals'), { status: 401 })
    authorise(actor, 'readSeals', { tenant: actor.tenant })
    const { sealStandings } = await import('#core/edc/certificate-watch.ts')
    const standings = await sealStandings(ports, actor.tenant === platformTag ? undefined : actor.tenant)
    return sendPage(c, (language) => {
      const words = sealWords[language]
      const columns = [words.institution, words.state, words.until, words.source].map((title) => ({ title }))
      return {
        title: words.title,
        body: html`<h1>${words.title}</h1>
<p class="lead">${words.lead}</p>
${standings.some(({ claimsQualifiedSeal }) => !claimsQualifiedSeal) ? note(words.selfMade, 'wait') : ''}
${table(
  words.title,
  columns,
  standings.map((one) => rowOf(one, language)),
)}
<p class="soft">${words.how}</p>`,
      }
    })
  })
  return app
}

function rowOf(one: SealStanding, language: Language) {
  const words = sealWords[language]
  const name = inLanguage(one.institution.name, language)
  return [
    html`<span lang="${name.language}">${name.value}</span>`,
    html`${tag(words.states[one.state], tones[one.state])}${one.problem ? html`<br><span class="soft" lang="en">${one.problem}</span>` : ''}`,
    one.endsAt
      ? html`${longDate(one.endsAt, language)}<br><span class="soft">${words.daysLeft(one.daysLeft ?? 0)}</span>`
      : '–',
    html`${words.sources[one.source]}<br><span class="soft">${one.claimsQualifiedSeal ? words.qualified : words.notQualified}</span>`,
  ]
}
