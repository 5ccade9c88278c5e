import type { Award } from '#core/awards/award.ts'
import type { OfferId } from '#core/ids.ts'
import { bytesOf, toBase64Url } from '#core/jose/base64url.ts'
import type { Ports, Signers } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import {
  type CredentialConfigurationId,
  type CredentialOffer,
  credentialConfigurations,
  type TxCode,
} from './offer.ts'

/** `'by-mail'`: a random code the learner gets by mail. `'none'`: nothing is asked. Else the code itself. */
export type TxCodeChoice = 'by-mail' | 'none' | { code: string }

const allConfigurations = Object.keys(credentialConfigurations) as CredentialConfigurationId[]
const mailedCodeLength = 6

/**
 * A fresh offer of an award, for all formats unless some are named. Makes no write: the caller saves it in
 * the transaction it belongs to. By default a transaction code is asked for and sent by mail.
 */
export function openOffer(
  award: Pick<Award, 'id' | 'tenant' | 'learnerId'>,
  options: { configurationIds?: CredentialConfigurationId[]; txCode?: TxCodeChoice },
  ports: Pick<Ports, 'clock' | 'random' | 'signers' | 'settings'>,
): CredentialOffer {
  const id = ports.random.id(award.tenant, 'ofr')
  const createdAt = ports.clock.now()
  const txCode = makeTxCode(id, options.txCode ?? 'by-mail', ports.signers)
  return {
    id,
    tenant: award.tenant,
    awardId: award.id,
    learnerId: award.learnerId,
    configurationIds: options.configurationIds ?? allConfigurations,
    createdAt,
    expiresAt: new Date(createdAt.getTime() + ports.settings.offerLifetimeDays * 86_400_000),
    ...(txCode ? { txCode } : {}),
    wrongTries: 0,
    presentations: 0,
    issued: [],
    version: 1,
    state: 'open',
  }
}

/** The code that was or will be mailed for this offer; `undefined` when none is mailed. */
export function mailedTxCode(offer: CredentialOffer, signers: Pick<Signers, 'mac'>): string | undefined {
  return offer.txCode?.byMail ? randomDigits(offer.id, signers) : undefined
}

/** Keyed, so that whoever reads the records cannot try all million codes. */
export function txCodeMac(id: OfferId, code: string, signers: Pick<Signers, 'mac'>): string {
  return toBase64Url(signers.mac('tx-code-check', bytesOf(JSON.stringify([id, code]))))
}

function makeTxCode(id: OfferId, choice: TxCodeChoice, signers: Pick<Signers, 'mac'>): TxCode | undefined {
  if (choice === 'none') return undefined
  const byMail = choice === 'by-mail'
  const code = byMail ? randomDigits(id, signers) : choice.code
  if (!/^\d{4,10}$/.test(code)) {
    throw new Refusal('invalid_input', 'txCode: must be 4 to 10 digits.', { field: 'txCode' })
  }
  return { mac: txCodeMac(id, code, signers), length: code.length, byMail }
}

// 64 bits of a MAC over a random id, reduced to six digits: the bias is below 2^-44.
function randomDigits(id: OfferId, signers: Pick<Signers, 'mac'>): string {
  const mac = signers.mac('tx-code', bytesOf(id))
  const number = new DataView(mac.buffer, mac.byteOffset).getBigUint64(0)
  return String(number % 10n ** BigInt(mailedCodeLength)).padStart(mailedCodeLength, '0')
}
