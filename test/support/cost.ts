/** Public list prices of AWS in US dollars, Europe (Ireland), first tier; `docs/operations.md` names where each was read. */
const prices = {
  'HTTP API, 1 M requests': 1.11,
  'Lambda on ARM, 1 M requests': 0.2,
  'Lambda on ARM, 1 M GB-seconds': 13.3334,
  'DynamoDB on demand, 1 M write units': 0.705,
  'DynamoDB on demand, 1 M read units': 0.1415,
  'KMS, 10,000 signatures with ECC': 0.15,
  'CloudWatch Logs, 1 GB taken in': 0.57,
  'Data to the internet, 1 GB': 0.09,
} as const
type Priced = keyof typeof prices

/** What one of something uses. Measured by `test/cost.test.ts` where it says so, otherwise assumed. */
export interface Use {
  requests: number
  /** Of a function with 1 GB; assumed. */
  seconds: number
  /** Measured. */
  writeUnits: number
  /** Measured. */
  readUnits: number
  /** One for the access token, one for the credential: `test/flows/whole-loop.test.ts`. */
  signatures: number
  /** Assumed. */
  logKilobytes: number
  /** Assumed. */
  sentKilobytes: number
}

/** One award collected by a wallet in one format: claim page, two documents of the issuer, offer, token, nonce, credential, notification; and what is told of it afterwards. */
export const perCredential: Use = {
  requests: 8,
  seconds: 0.8,
  writeUnits: 82,
  readUnits: 42,
  signatures: 2,
  logKilobytes: 8,
  sentKilobytes: 60,
}

/** One verification of a credential of our own by the API. */
export const perVerification: Use = {
  requests: 1,
  seconds: 0.05,
  writeUnits: 4,
  readUnits: 7,
  signatures: 0,
  logKilobytes: 1,
  sentKilobytes: 3,
}

const millions = (value: number) => value / 1_000_000

/** Amount of each priced thing for so many. */
function amounts(use: Use, count: number): [Priced, number][] {
  return [
    ['HTTP API, 1 M requests', millions(use.requests * count)],
    ['Lambda on ARM, 1 M requests', millions(use.requests * count)],
    ['Lambda on ARM, 1 M GB-seconds', millions(use.seconds * count)],
    ['DynamoDB on demand, 1 M write units', millions(use.writeUnits * count)],
    ['DynamoDB on demand, 1 M read units', millions(use.readUnits * count)],
    ['KMS, 10,000 signatures with ECC', (use.signatures * count) / 10_000],
    ['CloudWatch Logs, 1 GB taken in', millions(use.logKilobytes * count)],
    ['Data to the internet, 1 GB', millions(use.sentKilobytes * count)],
  ]
}

/** The arithmetic as a table of Markdown, without alignment. */
export function costTable(): string {
  const credentials = new Map(amounts(perCredential, 1000))
  const verifications = new Map(amounts(perVerification, 1_000_000))
  const cell = (amount: number, price: number) =>
    `${round(amount)} × ${price} = ${(amount * price).toFixed(3)}`
  const lines = Object.entries(prices).map(([name, price]) => {
    const of = (map: Map<Priced, number>) => cell(map.get(name as Priced) ?? 0, price)
    return `| ${name} | ${of(credentials)} | ${of(verifications)} |`
  })
  return [
    '| US dollars | 1,000 credentials | 1 M verifications |',
    '| --- | --- | --- |',
    ...lines,
    `| **sum** | **${costOf(perCredential, 1000).toFixed(2)}** | **${costOf(perVerification, 1_000_000).toFixed(2)}** |`,
  ].join('\n')
}

const round = (value: number) => Number(value.toPrecision(4))

/** A wave: the busiest day has a hundredth of the year, its busiest hour a fifth of the day. */
const busiestSecond = (aYear: number) => aYear / 100 / 5 / 3600
/** Half of the entries of a list are given away before the next is opened. */
const perList = 131_072 / 2
const loads = [
  { institutions: 3, learners: 10_000, credentials: 20_000 },
  { institutions: 300, learners: 3_000_000, credentials: 6_000_000 },
  { institutions: 10_000, learners: 300_000_000, credentials: 600_000_000 },
]
const verificationsEach = 10

/** The figures of the load model as rows of Markdown, without alignment. */
export function loadRows(): string {
  const row = (name: string, figure: (load: (typeof loads)[number]) => number) => {
    const cells = loads.map((load) =>
      round(figure(load)).toLocaleString('en-US', { maximumFractionDigits: 3 }),
    )
    return `| ${name} | ${cells.join(' | ')} |`
  }
  const dollars = (load: (typeof loads)[number]) =>
    load.credentials * costOf(perCredential, 1) +
    load.credentials * verificationsEach * costOf(perVerification, 1)
  return [
    row('institutions', ({ institutions }) => institutions),
    row('learners', ({ learners }) => learners),
    row('credentials a year', ({ credentials }) => credentials),
    row('credentials in the busiest second', ({ credentials }) => busiestSecond(credentials)),
    row(
      'signatures of KMS in the busiest second',
      ({ credentials }) => busiestSecond(credentials) * perCredential.signatures,
    ),
    row('verifications a year', ({ credentials }) => credentials * verificationsEach),
    row('verifications in the busiest second', ({ credentials }) =>
      busiestSecond(credentials * verificationsEach),
    ),
    row('functions at once for both', ({ credentials }) =>
      Math.ceil(
        busiestSecond(credentials) * (perCredential.seconds + verificationsEach * perVerification.seconds),
      ),
    ),
    row('status lists opened a year', ({ credentials }) => Math.ceil(credentials / perList)),
    row('US dollars a year for both, by the table above', dollars),
  ].join('\n')
}

function costOf(use: Use, count: number): number {
  return amounts(use, count).reduce((sum, [name, amount]) => sum + amount * prices[name], 0)
}
