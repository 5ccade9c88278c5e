import qr from 'qrcode'
import { expect, test } from 'vitest'
import { claimRoutes } from '#http/pages/claim.ts'
import { world } from '#test/support/world.ts'
import { pageBrowser } from './page-browser.ts'

const linksOf = (page: string) =>
  [...page.matchAll(/href="((?:openid-credential-offer|haip-vci):[^"]+)"/g)].map(([, link = '']) => link)
const leadsTo = (link: string) => new URL(link).searchParams.get('credential_offer_uri')
const qrOf = (link: string) => qr.toString(link, { type: 'svg', margin: 0 })

test('only the page of the signed-in learner shows the address of an offer without transaction code', async () => {
  const w = await world()
  const { offer, learner } = await w.award()
  const another = (await w.learner()).learner
  const opened = async (learnerId?: typeof learner.id) => {
    const actor = learnerId && w.actor('learner', { learnerId })
    const page = await pageBrowser(claimRoutes(w), actor, w).text(`/claim/${offer.id}`)
    const [link = '', eudi = ''] = linksOf(page)
    expect(page).toContain(await qrOf(link))
    return { page, link: leadsTo(link), eudi: leadsTo(eudi) }
  }
  const base = w.settings.publicUrl
  const own = await opened(learner.id)
  expect(own.page).toContain('your wallet will ask for no code')
  const secret = own.link?.replace(`${base}/offers/${offer.id}.`, '') ?? ''
  expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(own.eudi).toBe(`${base}/eudi/offers/${offer.id}.${secret}`)
  for (const stranger of [undefined, another.id]) {
    const { page, link, eudi } = await opened(stranger)
    expect(link).toBe(`${base}/offers/${offer.id}`)
    expect(eudi).toBe(`${base}/eudi/offers/${offer.id}`)
    expect(page).not.toContain(secret)
  }
})
