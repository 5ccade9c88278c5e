/** Functions people and programs come to by the HTTP API. */
export const doors = ['graphql', 'wallet', 'status-lists', 'pages'] as const
export type RoutedEntry = (typeof doors)[number]

/** Where CloudFront, if it stands in front, finds what answers subscriptions of GraphQL. */
export const streamsPath = '/graphql/stream'

interface DoorRoute {
  path: string
  to: RoutedEntry
  /** Why API Gateway asks nobody for a token here. */
  why: string
}

const wallets = 'Wallets bring the tokens of OpenID4VCI, which the function itself made and checks.'
const published = 'Published for verifiers everywhere.'

/** Which function answers which path. What is not listed goes to the pages. */
export const routes: readonly DoorRoute[] = [
  {
    path: '/graphql',
    to: 'graphql',
    why: 'The function verifies the token of each caller against the issuer register; catalogue and verification are open.',
  },
  { path: '/token', to: 'wallet', why: wallets },
  { path: '/nonce', to: 'wallet', why: wallets },
  { path: '/credential', to: 'wallet', why: wallets },
  { path: '/notification', to: 'wallet', why: wallets },
  { path: '/eudi/{more+}', to: 'wallet', why: wallets },
  {
    path: '/offers/{offer}',
    to: 'wallet',
    why: 'Who knows the random address may read the offer (OpenID4VCI 1.0 §4.1.3); where the learner is spared the transaction code, only their page shows it.',
  },
  { path: '/jwks.json', to: 'wallet', why: published },
  { path: '/vct/{more+}', to: 'wallet', why: published },
  { path: '/.well-known/{more+}', to: 'wallet', why: published },
  { path: '/institutions/{more+}', to: 'wallet', why: published },
  { path: '/status/{more+}', to: 'status-lists', why: published },
  { path: '/bitstring/{more+}', to: 'status-lists', why: published },
]
