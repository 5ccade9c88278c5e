import { type Context, Hono } from 'hono'
import { isId } from '#core/ids.ts'
import { parseJws } from '#core/jose/jws.ts'
import { answerCredentialRequest } from '#core/openid4vci/credential.ts'
import type { IssuerProfile } from '#core/openid4vci/metadata.ts'
import { makeNonce } from '#core/openid4vci/nonce.ts'
import { takeNotification } from '#core/openid4vci/notification.ts'
import { credentialOfferObject } from '#core/openid4vci/offer-object.ts'
import { allowOwnAddress } from '#core/openid4vci/openid4vci-sdk.ts'
import { offerOfCode, redeemCode } from '#core/openid4vci/token.ts'
import { type WalletErrorCode, WalletRefusal } from '#core/openid4vci/wallet-refusal.ts'
import type { Ports } from '#core/ports.ts'
import type { AcademyEnv } from './environment.ts'
import { answerProblem } from './errors.ts'
import { answerWallet, offerTries, tooManyTries } from './wallet-answers.ts'

type WalletPorts = Pick<
  Ports,
  'store' | 'clock' | 'random' | 'signers' | 'settings' | 'primitives' | 'ontology'
>

const profiles: [IssuerProfile, string][] = [
  ['plain', ''],
  ['eudi', '/eudi'],
]

/** Requests a minute that one offer takes at `/token`, at `/credential` and at `/notification`. */
const triesPerOffer = 30

/** The endpoints of the OpenID4VCI 1.0 issuer that wallets talk to. */
export function openid4vciRoutes(ports: WalletPorts): Hono<AcademyEnv> {
  allowOwnAddress(ports.settings.publicUrl)
  const app = new Hono<AcademyEnv>()
  const tries = offerTries(triesPerOffer, ports.clock)

  app.post('/token', async (c) => {
    const form = await readForm(c)
    // Codes somebody made up never reach the records, and must not use up the tries of the wallet that has the code.
    const offer = offerOfCode(form?.['pre-authorized_code'] ?? '', ports)
    const wait = offer === undefined ? undefined : tries(`token ${offer}`)
    if (wait !== undefined) return tooManyTries(c, wait)
    return answerWallet(c, async () => {
      if (!form) throw new WalletRefusal('invalid_request', 'The body must be a form, each field once.')
      return redeemCode(form, { url: c.req.url, headers: c.req.raw.headers }, ports)
    })
  })

  app.post('/nonce', (c) => answerWallet(c, async () => ({ c_nonce: makeNonce(ports) })))

  for (const [profile, prefix] of profiles) {
    app.get(`${prefix}/offers/:address`, async (c) => {
      c.header('Cache-Control', 'no-store')
      const object = await credentialOfferObject(c.req.param('address'), profile, ports)
      return object
        ? c.json(object)
        : answerProblem(c, 404, 'not_found', 'There is no open offer at this address.')
    })

    app.post(`${prefix}/credential`, (c) =>
      withToken(c, tries, 'credential', async (authorization) =>
        answerCredentialRequest(
          authorization,
          () => readJson(c, 'invalid_credential_request'),
          profile,
          ports,
        ),
      ),
    )
  }

  app.post('/notification', (c) =>
    withToken(c, tries, 'notification', async (authorization) => {
      await takeNotification(authorization, () => readJson(c, 'invalid_notification_request'), ports)
      return undefined
    }),
  )
  return app
}

async function withToken(
  c: Context<AcademyEnv>,
  tries: (offer: string) => number | undefined,
  endpoint: string,
  work: (authorization: string | undefined) => Promise<object | undefined>,
): Promise<Response> {
  const authorization = c.req.header('authorization')
  const offer = claimedOffer(authorization)
  const wait = offer === undefined ? undefined : tries(`${endpoint} ${offer}`)
  return wait === undefined ? answerWallet(c, () => work(authorization)) : tooManyTries(c, wait)
}

/** The offer a token says it is for; only to count tries, nothing is believed. */
function claimedOffer(authorization: string | undefined): string | undefined {
  try {
    const { sub } = parseJws(authorization?.split(' ')[1] ?? '', { maxCharacters: 8192 }).payload
    return typeof sub === 'string' && isId(sub, 'ofr') ? sub : undefined
  } catch {
    return undefined
  }
}

/** A form with each field once; `undefined` for anything else. */
async function readForm(c: Context): Promise<Record<string, string> | undefined> {
  if (!isType(c, 'application/x-www-form-urlencoded')) return undefined
  const fields = [...new URLSearchParams(await c.req.text())]
  const names = new Set(fields.map(([name]) => name))
  return names.size === fields.length ? Object.fromEntries(fields) : undefined
}

async function readJson(c: Context, refusal: WalletErrorCode): Promise<unknown> {
  const wrong = () => new WalletRefusal(refusal, 'The body must be JSON, sent as application/json.')
  if (!isType(c, 'application/json')) throw wrong()
  try {
    return JSON.parse(await c.req.text())
  } catch (cause) {
    // A body that is too large says so itself.
    if (cause instanceof SyntaxError) throw wrong()
    throw cause
  }
}

function isType(c: Context, type: string): boolean {
  return c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() === type
}
