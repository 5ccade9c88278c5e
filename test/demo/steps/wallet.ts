import type { Ask } from '#test/support/graphql.ts'
import type { Wallet } from '#test/support/wallet.ts'
import { mutate, requestId } from '../answers.ts'

export type Configuration = 'AiSkill_sdjwt' | 'AiSkill_jwt'

/** Opens the claim page of a fresh offer and lets the wallet follow the link it finds there. */
export async function collectAward(
  wallet: Wallet,
  learner: Ask,
  awardId: string,
  configuration: Configuration,
): Promise<string> {
  const { claimUrl } = await mutate<{ claimUrl: string }>(
    learner,
    'offerCredential',
    'OfferCredentialInput',
    { requestId: requestId(), awardId, configurationIds: [configuration], txCodeMode: 'NONE' },
    'CredentialOffer',
    'claimUrl',
  )
  const [collected] = await wallet.collect(await offerLink(claimUrl))
  if (!collected) throw new Error('the wallet came back without a credential')
  return collected.credential
}

async function offerLink(claimUrl: string): Promise<string> {
  const response = await fetch(claimUrl)
  const link = /openid-credential-offer:\/\/[^"'<\s]+/.exec(await response.text())?.[0]
  if (!link) throw new Error(`the claim page (${response.status}) holds no offer link`)
  return link.replaceAll('&amp;', '&')
}
