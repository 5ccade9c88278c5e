import { readFileSync } from 'node:fs'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import type { ParseArgsOptionsConfig } from 'node:util'

/** Options of every command that asks a running server. */
export const serverOptions = {
  server: { type: 'string' },
  ca: { type: 'string' },
  as: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const satisfies ParseArgsOptionsConfig

export const serverHelp = [
  '  --server URL   default: PUBLIC_URL, else http://127.0.0.1:$PORT, else http://127.0.0.1:4000',
  '  --ca FILE      certificate to trust, for a server with one of its own (PEM)',
  '  --as ACCOUNT   account of a trial server (default: platform); elsewhere set ACADEMY_TOKEN to an access token',
  '  --json         the answer as JSON',
]

/** Asks a running server's GraphQL in the name of an operator; only its public doors are used. */
export function askServer(values: {
  server?: string | undefined
  ca?: string | undefined
  as?: string | undefined
}) {
  if (values.ca !== undefined) {
    setDefaultCACertificates([...getCACertificates('default'), readFileSync(values.ca, 'utf8')])
  }
  const { PUBLIC_URL: publicUrl, PORT: port, ACADEMY_TOKEN: given } = process.env
  const server = (values.server ?? (publicUrl || `http://127.0.0.1:${port || 4000}`)).replace(/\/$/, '')
  let token: Promise<string> | undefined

  async function devToken(): Promise<string> {
    const response = await request(`${server}/dev/token?as=${encodeURIComponent(values.as ?? 'platform')}`)
    if (response.ok) return (await response.text()).trim()
    throw new Error('Set ACADEMY_TOKEN to an access token: this server has no demo accounts of that name.')
  }

  /** Answers the named field; a refusal becomes an error in its own words. */
  return async <T>(name: string, query: string, variables: object): Promise<T> => {
    token ??= given ? Promise.resolve(given) : devToken()
    const response = await request(`${server}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await token}` },
      body: JSON.stringify({ query, variables }),
    })
    const { data, errors } = (await response.json()) as {
      data?: Record<string, T & { __typename?: string; code?: string; message?: string }>
      errors?: { message: string; extensions?: { code?: string } }[]
    }
    const answer = data?.[name]
    if (errors || !answer) {
      const told = errors?.map(({ message, extensions }) => `${extensions?.code ?? 'error'}: ${message}`)
      throw new Error(told?.join('; ') ?? 'no answer')
    }
    if (answer.__typename === 'Refusal') throw new Error(`${answer.code}: ${answer.message}`)
    return answer
  }
}

async function request(url: string, init?: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (cause) {
    throw new Error(`${new URL(url).origin} cannot be reached; is the server running there?`, { cause })
  }
}
