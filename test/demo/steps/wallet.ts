import type { Ask } from '#test/support/graphql.ts'
import type { Confide, Wallet } from '#test/support/wallet.ts'
import { mutate, requestId } from '../answers.ts'

export type Configuration = 'AiSkill_sdjwt' | 'AiSkill_jwt'

/** Opens the claim page of a fresh offer, with a transaction code or without, and lets the wallet follow the link it finds there. */
export async function collectAward(
  wallet: Wallet,
  learner: Ask,
  awardId: string,
  configuration: Configuration,
  { txCode, confide }: { txCode?: string; confide: Confide },
): Promise<string> {
  const { claimUrl } = await mutate<{ claimUrl: string }>(
    learner,
    'offerCredential',
    'OfferCredentialInput',
    {
      requestId: requestId(),
      awardId,
      configurationIds: [configuration],
      ...(txCode === undefined ? { txCodeMode: 'NONE' } : { txCodeMode: 'GIVEN', txCode }),
    },
    'CredentialOffer',
    'claimUrl',
  )
  confide('claim link', claimUrl)
  confide('code of an offer', claimUrl.split('/').at(-1))
  confide('transaction code', txCode)
  const options = txCode === undefined ? {} : { txCode }
  const [collected] = await wallet.collect(await offerLink(claimUrl), options)
  if (!collected) throw new Error('the wallet came back without a credential')
  return collected.credential
}

async function offerLink(claimUrl: string): Promise<string> {
  const response = await fetch(claimUrl)
  const link = /openid-credential-offer:\/\/[^"'<\s]+/.exec(await response.text())?.[0]
  if (!link) throw new Error(`the claim page (${response.status}) holds no offer link`)
  return link.replaceAll('&amp;', '&')
}
