type Problem = [path: (string | number)[], message: string]

interface Checked {
  stage: string
  account?: string | undefined
  region?: string | undefined
  institutions: { tag: string; slug: string; certificates?: string[] | undefined; furtherKeys: string[] }[]
  anchors: string[]
  domain?: { certificate: string } | undefined
  edge?: { certificate: string } | undefined
  sites?:
    | {
        name: string
        adapter: string
        folder?: unknown
        webhookSecretFile?: unknown
        mount?: { path: string } | undefined
      }[]
    | undefined
  network?: object | undefined
  graph?: { url: string } | undefined
  operators: string[]
  monthlyBudgetUsd?: number | undefined
  liveStreams?: number | undefined
  requestsPerSecond: number
  burst: number
}

/** What is right in itself and cannot all be true together. */
export function contradictions(deployment: Checked): Problem[] {
  return [
    ...ofInstitutions(deployment),
    ...ofAddresses(deployment),
    ...ofSites(deployment),
    ...ofTheRest(deployment),
  ]
}

function ofInstitutions({ institutions, anchors }: Checked): Problem[] {
  const found: Problem[] = []
  for (const field of ['tag', 'slug'] as const) {
    if (isDoubled(institutions.map((institution) => institution[field])))
      found.push([['institutions'], `no two may have the same ${field}`])
  }
  institutions.forEach(({ furtherKeys }, at) => {
    if (isDoubled(furtherKeys))
      found.push([['institutions', at, 'furtherKeys'], 'no two may have the same name'])
  })
  if (institutions.some(({ certificates }) => certificates) && anchors.length === 0)
    found.push([['anchors'], 'must hold the anchors of the certificates'])
  return found
}

function ofAddresses({ region, account, domain, edge }: Checked): Problem[] {
  const found: Problem[] = []
  if (domain && region !== undefined && regionOf(domain.certificate) !== region)
    found.push([['domain', 'certificate'], 'must be in the region of the deployment'])
  if (edge && regionOf(edge.certificate) !== 'us-east-1')
    found.push([['edge', 'certificate'], 'must be in us-east-1, where CloudFront looks for it'])
  if (edge && region === undefined)
    found.push([['region'], 'must be set with edge, whose firewall is in another region'])
  if (account !== undefined && region === undefined) found.push([['region'], 'must be set with account'])
  return found
}

function ofSites({ sites = [], network }: Checked): Problem[] {
  const found: Problem[] = []
  if (isDoubled(sites.map(({ name }) => name))) found.push([['sites'], 'no two may have the same name'])
  if (!network && sites.some(({ mount }) => mount))
    found.push([
      ['network'],
      'must be set for a site with a mount: file systems are reached from a network only',
    ])
  if (network && sites.length === 0) found.push([['sites'], 'must be set with network, which only they use'])
  sites.forEach(({ adapter, mount, folder, webhookSecretFile }, at) => {
    if (webhookSecretFile !== undefined)
      found.push([
        ['sites', at, 'webhookSecretFile'],
        'must be left out: what a site signs its hints with is in its secret, as `hints`',
      ])
    if (adapter !== 'slurmrest') {
      if (mount) found.push([['sites', at, 'mount'], 'is for a site of adapter slurmrest only'])
      return
    }
    const here = (folder as { here?: unknown } | undefined)?.here
    if (!mount)
      found.push([
        ['sites', at, 'mount'],
        'must be set for adapter slurmrest, whose folder the functions see; firecrest needs none',
      ])
    else if (typeof here === 'string' && here !== mount.path && !here.startsWith(`${mount.path}/`))
      found.push([['sites', at, 'folder', 'here'], 'must be in the mount of the site'])
  })
  return found
}

function ofTheRest(deployment: Checked): Problem[] {
  const { operators, monthlyBudgetUsd, liveStreams, burst, requestsPerSecond, graph, sites, stage } =
    deployment
  const found: Problem[] = []
  if (graph && stage !== 'trial' && !graph.url.includes('+s://'))
    found.push([['graph', 'url'], 'must be encrypted (neo4j+s:// or bolt+s://) outside of a trial'])
  if (monthlyBudgetUsd !== undefined && operators.length === 0)
    found.push([['operators'], 'must name who hears when monthlyBudgetUsd is spent'])
  if (liveStreams !== undefined && !sites)
    found.push([['liveStreams'], 'must be left out where there are no sites to run practicals at'])
  if (burst < requestsPerSecond) found.push([['burst'], 'must not be less than requestsPerSecond'])
  return found
}

const isDoubled = (values: string[]) => new Set(values).size < values.length
const regionOf = (arn: string) => arn.split(':')[3]
