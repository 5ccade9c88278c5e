import { readFileSync } from 'node:fs'

interface Read {
  given: NodeJS.ProcessEnv
  problems: string[]
}

/**
 * Puts what the files of secrets hold in place of the variables that may hold it themselves: who runs containers
 * hands secrets in as files, so that they stand in no environment. Names what cannot be used, never what it holds.
 */
export function withSecretFiles(environment: NodeJS.ProcessEnv): Read {
  const read: Read = { given: { ...environment }, problems: [] }
  take(read, 'METRICS_TOKEN_FILE', ['METRICS_TOKEN'], (text) => [text])
  take(read, 'SMTP_PASSWORD_FILE', ['SMTP_PASSWORD'], (text) => [text])
  // As the images of Neo4j read it, so that both are given the same file.
  take(read, 'NEO4J_AUTH_FILE', ['NEO4J_USER', 'NEO4J_PASSWORD'], (text) => {
    const [user, ...password] = text.split('/')
    return [user ?? '', password.join('/')]
  })
  return read
}

function take(
  { given, problems }: Read,
  variable: string,
  names: readonly string[],
  valuesIn: (text: string) => string[],
): void {
  const file = given[variable]
  if (file === undefined) return
  const also = names.find((name) => given[name] !== undefined)
  if (also) {
    problems.push(`${variable}: must not be set beside ${also}`)
    return
  }
  const values = valuesIn(firstLine(file) ?? '')
  if (values.some((value) => value === '')) {
    problems.push(`${variable}: must name a file that holds ${names.length > 1 ? 'user/password' : 'it'}`)
    return
  }
  for (const [at, name] of names.entries()) given[name] = values[at]
}

/** Editors end a file with a line break, and nobody means it. */
function firstLine(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/)[0]
  } catch {
    return undefined
  }
}
