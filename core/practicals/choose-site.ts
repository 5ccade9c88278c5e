import { Refusal } from '#core/refusal.ts'
import type { Exclusion, SiteOption } from './site-options.ts'

/** Why a place was chosen; the first rule in which it differs from the next best. */
export const choiceReasons = ['only-fit', 'counts', 'reserved', 'wait', 'cost', 'name'] as const
export type ChoiceReason = (typeof choiceReasons)[number]

export interface SiteChoice {
  option: SiteOption
  why: ChoiceReason
}

/**
 * The best of what fits: an AI Factory before this machine, machines that are kept free before any others, then
 * the shortest expected wait, then the lowest cost. Where nobody has waited yet nothing is expected: it is tried.
 * `undefined` when nothing fits.
 */
export function chooseSite(options: readonly SiteOption[]): SiteChoice | undefined {
  const fitting = options.filter(({ excluded }) => !excluded).sort(compare)
  const [best, next] = fitting
  if (!best) return undefined
  return { option: best, why: next ? (firstDifference(best, next)?.why ?? 'name') : 'only-fit' }
}

const rules: { why: ChoiceReason; of: (option: SiteOption) => number }[] = [
  { why: 'counts', of: ({ environment }) => (environment === 'site' ? 0 : 1) },
  { why: 'reserved', of: ({ reserved }) => (reserved ? 0 : 1) },
  { why: 'wait', of: ({ expectedWaitSeconds }) => expectedWaitSeconds ?? 0 },
  { why: 'cost', of: ({ cost }) => cost },
]

const firstDifference = (a: SiteOption, b: SiteOption) => rules.find(({ of }) => of(a) !== of(b))

function compare(a: SiteOption, b: SiteOption): number {
  const rule = firstDifference(a, b)
  if (rule) return rule.of(a) - rule.of(b)
  // Nothing tells them apart; the same answer every time all the same.
  return `${a.site}:${a.partition}` < `${b.site}:${b.partition}` ? -1 : 1
}

/** What a learner hears when nothing fits: the reason that is nearest to being no reason any more. */
export function refuseAll(options: readonly SiteOption[]): Refusal {
  const near = [...options].sort((a, b) => distance(a.excluded) - distance(b.excluded))[0]
  const excluded = near?.excluded
  if (!near || !excluded) return new Refusal('site_unavailable', 'No site takes practicals right now.')
  const { site } = near
  switch (excluded.why) {
    case 'budget':
      return new Refusal('budget_exceeded', `${site}: ${capWords[excluded.scope]}`)
    case 'closed':
      return new Refusal(
        'site_unavailable',
        `${site} is closed until ${excluded.until.toISOString()}: ${excluded.reason}`,
      )
    case 'paused':
    case 'draining':
    case 'stopped':
      return new Refusal('site_unavailable', `${site} takes no attempts now: ${excluded.reason}`)
    case 'account':
      return new Refusal('site_unavailable', `${site}: ${accountWords(excluded)}`)
    case 'practical':
    case 'data':
      return new Refusal('site_unavailable', 'No site here has what this practical asks for.')
    default: {
      const field = excluded.why === 'box' ? 'isolation' : `resources.${excluded.why}`
      return new Refusal('site_unavailable', `${field}: no site here has what this practical asks for.`, {
        field,
      })
    }
  }
}

function accountWords({ state, page }: Extract<Exclusion, { why: 'account' }>): string {
  if (state === 'stated') return 'your own account there waits to be confirmed by the site’s operator.'
  const how = page === undefined ? '' : ` (how to get one: ${page})`
  return `needs your own account there${how}; name it on /me/site-accounts.`
}

const capWords = {
  learner: 'your share of compute is used up.',
  cohort: 'the share of compute of this offering is used up.',
  day: 'what the site gives for one day is used up; try again tomorrow.',
} as const

const nearness: Exclusion['why'][] = ['account', 'closed', 'paused', 'draining', 'stopped', 'budget']

function distance(excluded: Exclusion | undefined): number {
  const place = excluded ? nearness.indexOf(excluded.why) : -1
  return place < 0 ? nearness.length : place
}
