import fc from 'fast-check'
import { expect, test } from 'vitest'
import { masterSecret, memoryKeyFolder } from '#adapters/file/key-folder.ts'
import { masterKey } from '#adapters/store/master-key.ts'
import { makeStore } from '#adapters/store/store.ts'
import type { Actor } from '#core/access/operations.ts'
import type { LearnerId } from '#core/ids.ts'
import {
  confirmSiteAccount,
  removeSiteAccount,
  stateSiteAccount,
} from '#core/practicals/name-site-account.ts'
import type { Records } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import { paperSite } from './paper-site.ts'
import { sitesWorld } from './sites-world.ts'

const learners = [0, 1] as const
const users = ['a', 'b'] as const
const sorted = (ids: unknown[]) => ids.map(String).sort((a, b) => (a < b ? -1 : 1))
const step = fc.record({
  what: fc.constantFrom('name', 'name', 'confirm', 'confirm', 'take back', 'remove'),
  who: fc.constantFrom(...learners),
  user: fc.constantFrom(...users),
})

test('however learners and operators meet, a confirmed account is one learner’s, and nothing is left of one that was given back', async () => {
  const w = await sitesWorld((clock) => [paperSite('one', clock, { accountModel: 'individual' })])
  const { random, clock, sites } = w
  const key = masterKey(masterSecret(memoryKeyFolder()))
  const { tag } = w.institutions.northLake
  const operator = w.actor('site-operator')

  /** Learners of their own for each run, and everything they do in the order the scheduler says. */
  async function crowd(scheduler: fc.Scheduler) {
    const plain = makeStore({ records: w.records, clock, random, masterKey: key })
    const actors = await Promise.all(
      learners.map(async (): Promise<Actor & { learnerId: LearnerId }> => {
        const id = random.id(tag, 'lrn')
        await plain.saveLearnerOnce(id, {
          id,
          tenant: tag,
          rev: 0,
          person: { givenName: 'Ada', familyName: 'Example', email: `${id}@example.org` },
          recognisedSkills: [],
        })
        return { ...w.actor('learner'), subject: id, learnerId: id }
      }),
    )
    const turn = <T>(ask: () => Promise<T>) => scheduler.schedule(Promise.resolve()).then(ask)
    const records: Records = {
      get: (wanted) => turn(() => w.records.get(wanted)),
      query: (wanted) => turn(() => w.records.query(wanted)),
      transact: (writes) => turn(() => w.records.transact(writes)),
    }
    const store = makeStore({ records, clock, random, masterKey: key })
    return { actors, store, plain }
  }

  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 3, maxLength: 5 }),
      async (scheduler, people) => {
        const { actors, store, plain } = await crowd(scheduler)
        const ports = { store, sites, clock }
        for (const actor of actors) {
          const named = { requestId: w.requestId(), site: 'one', user: 'a', consent: true as const }
          await stateSiteAccount(actor, named, { ...ports, store: plain })
        }
        const act = async ({ what, who, user }: (typeof people)[number][number]) => {
          const actor = actors[who]
          if (!actor) throw new Error('there is no such learner')
          const asked = { requestId: w.requestId(), site: 'one', learnerId: actor.learnerId }
          if (what === 'name')
            await stateSiteAccount(
              actor,
              { requestId: asked.requestId, site: 'one', user, consent: true },
              ports,
            )
          else if (what === 'confirm') await confirmSiteAccount(operator, { ...asked, userName: user }, ports)
          else await removeSiteAccount(what === 'remove' ? operator : actor, asked, ports)
        }
        const all = people.map(async (steps) => {
          for (const one of steps)
            await act(one).catch((error: unknown) => {
              if (!(error instanceof Refusal)) throw error
            })
        })
        await scheduler.waitFor(Promise.all(all))

        const accounts = (await Promise.all(actors.map((one) => plain.siteAccountsOf(one.learnerId)))).flat()
        const confirmed = accounts.filter(({ state }) => state === 'confirmed')
        expect(new Set(confirmed.map(({ user }) => user)).size).toBe(confirmed.length)
        const { items } = await w.records.query({
          pk: 'T#platform#SITE#one',
          sk: { beginsWith: 'ACCT#' },
          limit: 100,
        })
        const whose = (claims: boolean) =>
          items
            .filter(({ sk }) => (sk.split('#').length === 2) === claims)
            .map(({ data }) => data['learnerId'])
        expect(sorted(whose(true))).toEqual(sorted(confirmed.map(({ learnerId }) => learnerId)))
        expect(sorted(whose(false))).toEqual(sorted(accounts.map(({ learnerId }) => learnerId)))
        for (const { learnerId } of accounts) await plain.forgetSiteAccounts(learnerId)
      },
    ),
    { numRuns: 60 },
  )
})
