import { Hono } from 'hono'
import { html } from 'hono/html'
import type { Ports } from '#core/ports.ts'
import { openShareLink } from '#core/share/open-share-link.ts'
import type { VerifyPorts } from '#core/verification/verify-credential.ts'
import { longDate } from './dates.ts'
import { verificationWords } from './i18n/verification.ts'
import { sendPage } from './layout.ts'
import { verdictTitle, verificationView } from './verification-view.ts'

/** `/v/{link}`: the verdict and what the learner chose to show, checked anew at each look. */
export function shareRoutes(ports: VerifyPorts & Pick<Ports, 'store' | 'ontology'>): Hono {
  const app = new Hono()
  app.get('/v/:link', async (c) => {
    const { link, verification } = await openShareLink(c.req.param('link'), ports)
    return sendPage(c, (language) => {
      const words = verificationWords[language]
      return {
        title: verdictTitle(verification, language),
        body: html`${verificationView(verification, language, { intro: words.sharedUntil(longDate(link.expiresAt, language)), today: ports })}
<p class="actions no-print"><a class="button quiet" href="/verify">${words.again}</a></p>`,
      }
    })
  })
  return app
}
