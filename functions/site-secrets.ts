/** Where a function on AWS keeps what it read of a site's secret; nothing else there can be written to. */
const folder = '/tmp/site-secrets'

/** Files of one site's secrets by the names the secret has for them. */
const secretFile = (site: string, name: string) => `${folder}/${site}/${name}`

interface Entry {
  name: string
  adapter?: unknown
  accounts?: unknown
  [more: string]: unknown
}

/**
 * An entry of `SITES_FILE` out of a deployment file, which names no files: each account gets the file its token
 * (slurmrest) or the secret of its client (firecrest) will be in.
 */
export function withSecretFiles(site: Entry): Entry {
  const member = site.adapter === 'firecrest' ? 'secretFile' : 'tokenFile'
  const { accounts } = site
  if (typeof accounts !== 'object' || accounts === null) return site
  const named = Object.entries(accounts).map(([name, account]) => [
    name,
    typeof account === 'object' ? { ...account, [member]: secretFile(site.name, name) } : account,
  ])
  return { ...site, accounts: Object.fromEntries(named) }
}
