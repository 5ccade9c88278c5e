import type { Json } from '#core/records.ts'

/** A caller of a running server's GraphQL, as one of the demo accounts. */
export type Ask = <T = Record<string, Json>>(query: string, variables?: Record<string, unknown>) => Promise<T>

/** Access token of a demo account, from the embedded identity provider. */
export async function devToken(url: string, account: string): Promise<string> {
  const response = await fetch(`${url}/dev/token?as=${account}`)
  if (!response.ok) throw new Error(`/dev/token answered ${response.status}`)
  const text = await response.text()
  return text.startsWith('{') ? (JSON.parse(text) as { access_token: string }).access_token : text.trim()
}

/**
 * Asks `/graphql`; throws on transport errors and on GraphQL `errors`, never on typed refusals. `through` is asked
 * instead of the network, for an academy without an address.
 */
export function asker(url: string, token: string, through: typeof fetch = fetch): Ask {
  return async <T>(query: string, variables: Record<string, unknown> = {}) => {
    const response = await through(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    })
    const answer = (await response.json()) as { data?: T; errors?: { message: string }[] }
    if (answer.errors?.length || !answer.data) {
      throw new Error(`GraphQL (${response.status}): ${answer.errors?.map((one) => one.message).join('; ')}`)
    }
    return answer.data
  }
}
