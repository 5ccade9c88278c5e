/**
 * Every function: its entry point in `functions/`, its limits, and what it may do, which is nothing else.
 * `test/infra/allowances.test.ts` holds the templates to a list of its own.
 */

const read = ['dynamodb:GetItem', 'dynamodb:Query']
// A transaction is allowed by the actions of its parts.
const write = ['dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:ConditionCheckItem']
const readKeys = ['dynamodb:GetItem']
const sign = ['kms:Sign', 'kms:GetPublicKey']

type SecretName = 'master' | 'graph' | 'mail' | 'signIn' | 'seals' | 'edge'
type QueueName = 'erasure' | 'bulk' | 'dispatch'

export interface FunctionPlan {
  /** Its construct, and so the beginning of its logical id. */
  id: string
  /** API Gateway gives up after 30 seconds; whoever waits is told before. */
  seconds: number
  megabytes: number
  records: string[]
  learnerKeys: string[]
  signingKeys: string[]
  files: ('read' | 'write' | 'delete' | 'list')[]
  secrets: SecretName[]
  /** Queues it puts work into. */
  sends: QueueName[]
  /** Functions it asks and waits for. */
  asks: string[]
  /** Where there are sites, it knows them, and asks the pollers for what only they can reach. */
  sites?: true
}

const door = { seconds: 29, megabytes: 1024, files: [], sends: [], asks: [] } satisfies Partial<FunctionPlan>
const worker = {
  seconds: 60,
  megabytes: 1024,
  files: [],
  sends: [],
  asks: [],
} satisfies Partial<FunctionPlan>

/** Both work for one site, and alone have what opens it. */
const atSite = {
  ...worker,
  megabytes: 512,
  records: [...read, ...write],
  learnerKeys: readKeys,
  signingKeys: [],
  files: ['write', 'delete', 'list'],
  secrets: ['master'],
  asks: ['poller'],
  sites: true,
} satisfies Partial<FunctionPlan>

export const functions = {
  /** `/graphql`. Issues the editions that are downloaded. */
  graphql: {
    ...door,
    id: 'Graphql',
    records: [...read, ...write],
    learnerKeys: [...readKeys, ...write],
    signingKeys: sign,
    files: ['read', 'write', 'delete', 'list'],
    secrets: ['master', 'graph', 'seals', 'edge'],
    asks: ['painter', 'poller'],
    sites: true,
  },
  /** Subscriptions of GraphQL, streamed. Longer than the longest stream (`functions/progress.ts`), of which it keeps count. */
  progress: {
    ...door,
    id: 'Progress',
    seconds: 330,
    megabytes: 512,
    records: [...read, 'dynamodb:PutItem'],
    learnerKeys: readKeys,
    signingKeys: [],
    secrets: ['master', 'edge'],
    asks: ['poller'],
    sites: true,
  },
  /** The protocol of wallets, and the documents of the issuers. */
  wallet: {
    ...door,
    id: 'Wallet',
    records: [...read, ...write],
    learnerKeys: readKeys,
    signingKeys: sign,
    secrets: ['master', 'edge'],
  },
  /** Everything people open in a browser. */
  pages: {
    ...door,
    id: 'Pages',
    records: [...read, ...write],
    learnerKeys: [...readKeys, ...write],
    signingKeys: sign,
    files: ['read', 'write', 'delete', 'list'],
    secrets: ['master', 'graph', 'signIn', 'seals', 'edge'],
    asks: ['painter', 'poller'],
    sites: true,
  },
  /** Status lists, signed. */
  'status-lists': {
    ...door,
    id: 'StatusLists',
    records: read,
    learnerKeys: [],
    signingKeys: sign,
    secrets: ['master', 'edge'],
  },
  /** Paints pages and badges; given words and nothing else. */
  painter: {
    ...door,
    id: 'Painter',
    seconds: 20,
    megabytes: 1769,
    records: [],
    learnerKeys: [],
    signingKeys: [],
    secrets: [],
  },
  /** Tells everybody who must hear of a change: status lists, mail, the graph; and fills the queues. */
  projector: {
    ...worker,
    id: 'Projector',
    records: [...read, ...write],
    learnerKeys: readKeys,
    signingKeys: [],
    secrets: ['master', 'graph', 'mail'],
    sends: ['erasure', 'bulk', 'dispatch'],
  },
  /** Removes what is left of an erased learner: files, words in records that stay; and files of runs that are too old. */
  erasure: {
    ...worker,
    id: 'Erasure',
    records: [...read, ...write],
    learnerKeys: [],
    signingKeys: [],
    files: ['write', 'delete', 'list'],
    secrets: ['master'],
    asks: ['poller'],
    sites: true,
  },
  /** Bulk jobs: rows of a file read, checked and done. Signs nothing: wallets collect what it offers. */
  'bulk-issuer': {
    ...worker,
    id: 'BulkIssuer',
    seconds: 900,
    records: [...read, ...write],
    learnerKeys: [...readKeys, ...write],
    signingKeys: [],
    secrets: ['master'],
  },
  /** Sends what was started for one site; there is one for each. */
  dispatcher: { ...atSite, id: 'Dispatcher', seconds: 60 },
  /** Looks after the jobs of one site, and answers for it; there is one for each. */
  poller: { ...atSite, id: 'Poller', seconds: 90 },
  /** Counts, protects and publishes. */
  snapshot: {
    ...worker,
    id: 'Snapshot',
    seconds: 900,
    megabytes: 1769,
    records: [...read, ...write],
    learnerKeys: [],
    signingKeys: [],
    secrets: ['master'],
  },
  /** What an operator asks by `npm run ops`: replay, rebuild, erase again. Nothing else calls it. */
  operator: {
    ...worker,
    id: 'Operator',
    seconds: 900,
    records: [...read, ...write],
    learnerKeys: [...readKeys, 'dynamodb:DeleteItem'],
    signingKeys: [],
    files: ['read', 'write', 'delete', 'list'],
    secrets: ['master', 'graph'],
  },
} as const satisfies Record<string, FunctionPlan>

export type Entry = keyof typeof functions
export const entries = Object.keys(functions) as Entry[]
/** Entries of which there is one function for each site. */
export const atEachSite = ['dispatcher', 'poller'] as const satisfies Entry[]
