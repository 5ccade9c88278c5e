import { type JWTVerifyGetKey, jwtVerify } from 'jose'
import * as z from 'zod'
import type { IssuerEntry, SignInClient } from '#core/access/issuer-register.ts'
import type { Clock, Outbound } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'

/** An issuer of the register at which people sign in. */
export interface SignInIssuer {
  entry: IssuerEntry & { signIn: SignInClient }
  /** The issuer's own keys: it signs ID tokens with them. */
  keys: JWTVerifyGetKey
}

export interface RegisteredParts {
  issuers: readonly SignInIssuer[]
  publicUrl: string
  clock: Clock
  outbound: Pick<Outbound, 'postForm'>
  /** The secret of a client, for those that have one. */
  secretOf: (signIn: SignInClient) => Promise<string>
}

interface AuthorizationRequest {
  place: string
  state: string
  nonce: string
  challenge: string
  language: string
}

const zTokens = z.object({ access_token: z.string().max(16_384), id_token: z.string().max(16_384) })
const limits = { maxBytes: 64 * 1024, timeoutSeconds: 5, accept: 'application/json' } as const

/**
 * The issuers of the register as places to sign in at: OpenID Connect Core 1.0 §3.1, with PKCE. The ID token
 * shows that the answer is to our question; who somebody is and may do is read from the access token, by the
 * same rules as for every caller of the API.
 */
export function registeredProvider({ issuers, publicUrl, clock, outbound, secretOf }: RegisteredParts) {
  const callbackOf = ({ id }: SignInClient) => (issuers.length > 1 ? `/callback/${id}` : '/callback')
  const redirectUriOf = (signIn: SignInClient) => `${publicUrl}${callbackOf(signIn)}`
  const find = (place: string): SignInIssuer => {
    const found = issuers.find(({ entry }) => entry.issuer === place)
    if (!found) throw new Refusal('not_found', 'at: there is no such place to sign in.', { field: 'at' })
    return found
  }

  return {
    places: issuers.map(({ entry: { issuer, signIn } }) => ({
      id: issuer,
      name: signIn.name,
      callback: callbackOf(signIn),
    })),

    authorizationUrl({ place, state, nonce, challenge, language }: AuthorizationRequest): string {
      const { audience, signIn } = find(place).entry
      const url = new URL(signIn.authorizationEndpoint)
      const asked = {
        response_type: 'code',
        client_id: signIn.clientId,
        redirect_uri: redirectUriOf(signIn),
        scope: ['openid', ...signIn.scopes].join(' '),
        state,
        nonce,
        code_challenge: challenge,
        code_challenge_method: 'S256',
        ui_locales: language,
        ...(signIn.askForAudience ? { resource: audience } : {}),
      }
      for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value)
      return url.href
    },

    async exchangeCode(answer: {
      place: string
      code: string
      verifier: string
      nonce: string
    }): Promise<string> {
      const { entry, keys } = find(answer.place)
      const { signIn } = entry
      const form = new URLSearchParams({
        grant_type: 'authorization_code',
        code: answer.code,
        redirect_uri: redirectUriOf(signIn),
        code_verifier: answer.verifier,
        ...(signIn.askForAudience ? { resource: entry.audience } : {}),
      })
      const authorization = await authenticate(signIn, form, secretOf)
      const sent = { form, ...(authorization === undefined ? {} : { authorization }) }
      const { status, body } = await outbound.postForm(signIn.tokenEndpoint, sent, limits)
      const tokens = zTokens.safeParse(status === 200 ? parseJson(body) : undefined)
      if (!tokens.success) throw unfinished()
      const { payload } = await jwtVerify(tokens.data.id_token, keys, {
        issuer: entry.issuer,
        audience: signIn.clientId,
        algorithms: entry.algorithms,
        clockTolerance: 5,
        currentDate: clock.now(),
      }).catch((cause: unknown) => {
        throw unfinished(cause)
      })
      if (payload['nonce'] !== answer.nonce) throw unfinished()
      return tokens.data.access_token
    },
  }
}

/** Says who the client is, in the form or in the header that is answered. */
async function authenticate(
  signIn: SignInClient,
  form: URLSearchParams,
  secretOf: RegisteredParts['secretOf'],
): Promise<string | undefined> {
  const { clientId, clientAuthentication } = signIn
  if (clientAuthentication === 'client_secret_basic') {
    // RFC 6749 §2.3.1: both are encoded like a form before they are put together.
    const encode = (text: string) => new URLSearchParams({ '': text }).toString().slice(1)
    const pair = `${encode(clientId)}:${encode(await secretOf(signIn))}`
    return `Basic ${Buffer.from(pair).toString('base64')}`
  }
  form.set('client_id', clientId)
  if (clientAuthentication === 'client_secret_post') form.set('client_secret', await secretOf(signIn))
  return undefined
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}

function unfinished(cause?: unknown): Refusal {
  return new Refusal('not_signed_in', 'The sign-in could not be finished. Please try again.', { cause })
}
