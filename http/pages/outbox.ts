import { Hono } from 'hono'
import { html } from 'hono/html'
import type { TenantTag } from '#core/ids.ts'
import type { Message, Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { AcademyEnv } from '../environment.ts'
import { isLocalCaller } from '../sign-in.ts'
import { emptyState, note } from './components.ts'
import { dateAndTime } from './dates.ts'
import { inBoth } from './i18n/words.ts'
import { sendPage } from './layout.ts'

/** Mail that was kept instead of sent. */
export interface Outbox {
  /** Newest first. */
  messages(tenant: TenantTag): Promise<(Message & { sentAt: Date })[]>
}

const words = inBoth(
  {
    title: 'Outbox of this trial server',
    lead: 'No mail leaves this server. What it would have sent stands here, for whoever sits at this machine.',
    none: 'Nothing was sent yet.',
    to: 'To',
  },
  {
    title: 'Boîte d’envoi de ce serveur d’essai',
    lead: 'Aucun courriel ne quitte ce serveur. Ce qu’il aurait envoyé se trouve ici, pour qui se tient devant cette machine.',
    none: 'Rien n’a encore été envoyé.',
    to: 'À',
  },
)

const shownMessages = 50

/** `/outbox`: the mail of a local academy, with the codes in it. Answers only on this machine. */
export function outboxRoutes(outbox: Outbox, { store }: Pick<Ports, 'store'>): Hono<AcademyEnv> {
  const app = new Hono<AcademyEnv>()
  app.get('/outbox', async (c) => {
    if (!isLocalCaller(c)) throw new Refusal('not_allowed', 'This address answers only on this machine.')
    const institutions = await store.listInstitutions()
    const all = (await Promise.all(institutions.map(({ tag }) => outbox.messages(tag)))).flat()
    const newest = all.sort((a, b) => b.sentAt.getTime() - a.sentAt.getTime()).slice(0, shownMessages)
    return sendPage(c, (language) => {
      const say = words[language]
      return {
        title: say.title,
        body: html`<h1>${say.title}</h1>
${note(say.lead, 'wait')}
${newest.length === 0 ? emptyState(say.none) : ''}
${newest.map(
  ({
    to,
    subject,
    text,
    language: written,
    sentAt,
  }) => html`<article class="card message"><h2 lang="${written}">${subject}</h2>
<p class="soft small">${say.to} ${to} · ${dateAndTime(sentAt, language)} (UTC)</p>
<pre lang="${written}">${text}</pre></article>`,
)}`,
      }
    })
  })
  return app
}
