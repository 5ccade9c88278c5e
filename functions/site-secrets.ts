import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '#core/ports.ts'

/** Where a function on AWS keeps what it read of a site's secret; nothing else there can be written to. */
const folder = '/tmp/site-secrets'

/** The file of one of a site's secrets by the name the secret has for it. */
const secretFile = (site: string, name: string) => `${folder}/${site}/${name}`

/** What a site signs its hints with, beside its accounts; a site without one sends none. */
const hints = 'hints'

interface Entry {
  name: string
  adapter?: unknown
  accounts?: unknown
  [more: string]: unknown
}

/**
 * An entry of `SITES_FILE` out of a deployment file, which names no files: each account gets the file its token
 * (slurmrest) or the secret of its client (firecrest) will be in, and so has what signs its hints.
 */
export function withSecretFiles(site: Entry): Entry {
  const member = site.adapter === 'firecrest' ? 'secretFile' : 'tokenFile'
  const { accounts } = site
  if (typeof accounts !== 'object' || accounts === null) return site
  const named = Object.entries(accounts).map(([name, account]) => [
    name,
    typeof account === 'object' ? { ...account, [member]: secretFile(site.name, name) } : account,
  ])
  return {
    ...site,
    webhookSecretFile: secretFile(site.name, hints),
    accounts: Object.fromEntries(named),
  }
}

/** Sites let a token live for half an hour; one that was renewed is found within a minute. */
const keptMs = 60_000

/**
 * Lays the secrets of a site, by account, into the files its adapter reads, when those there are older than a
 * minute. One that Secrets Manager does not hold leaves no file: the adapter then says that it cannot sign in.
 */
export function siteSecrets(
  { site, accounts, clock }: { site: string; accounts: readonly string[]; clock: Clock },
  read: () => Promise<Record<string, string>>,
): () => Promise<void> {
  let laidAt = Number.NEGATIVE_INFINITY
  return async () => {
    const now = clock.now().getTime()
    if (now - laidAt < keptMs) return
    const secrets = await read()
    mkdirSync(join(folder, site), { recursive: true, mode: 0o700 })
    chmodSync(join(folder, site), 0o700)
    for (const name of [...accounts, hints]) {
      const secret = secrets[name]
      if (secret === undefined) rmSync(secretFile(site, name), { force: true })
      else replace(secretFile(site, name), secret)
    }
    laidAt = now
  }
}

/** Whoever reads meanwhile reads the one or the other, whole. */
function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
