import { endOffers } from './credentials/end-offers.ts'
import { mailOffer } from './credentials/mail-offer.ts'
import { MailServerAway } from './credentials/mail-server-away.ts'
import { projectStatus } from './credentials/project-status.ts'
import { forgetFiles } from './learners/forget-files.ts'
import { forgetMail } from './learners/forget-mail.ts'
import type { OutboxEvent } from './outbox.ts'
import type { Ports } from './ports.ts'
import { projectGraph } from './skills/project-graph.ts'

export type DeliverPorts = Pick<
  Ports,
  | 'store'
  | 'mail'
  | 'signers'
  | 'settings'
  | 'graph'
  | 'clock'
  | 'random'
  | 'files'
  | 'sites'
  | 'practicals'
  | 'ontology'
  | 'trace'
>

/** May be told of an event twice and must then do nothing new. */
export type Tell = (event: OutboxEvent, ports: DeliverPorts) => Promise<void>

export interface Projection {
  hears: readonly OutboxEvent['type'][]
  tell: Tell
  /** Learners for whom it fails before it is left alone for the rest of the round; without it each is tried. */
  failuresPerRound?: number
  /** Which failures say something about the others; all when absent. */
  countsAsFailure?(error: unknown): boolean
}

/** Whoever must hear of changes. Each hears for itself: a graph that is away holds up no revocation. */
export const projections = {
  'status-lists': { hears: ['award.status-changed'], tell: projectStatus },
  offers: { hears: ['award.status-changed'], tell: endOffers },
  // Mail cannot be taken back: nobody else hears of this event, so nobody else can have it sent again.
  // A server that is away is away for all, and each try may take seconds; a mailbox that is full is its own.
  mail: {
    hears: ['offer.opened'],
    tell: mailOffer,
    failuresPerRound: 3,
    countsAsFailure: (error: unknown) => error instanceof MailServerAway,
  },
  'kept-mail': { hears: ['learner.erased'], tell: forgetMail },
  files: { hears: ['learner.erased'], tell: forgetFiles },
  // An engine of its own: when it is away it is away for all, and each try may take seconds.
  graph: {
    hears: ['award.made', 'award.status-changed', 'learner.statistics-choice', 'learner.erased'],
    tell: projectGraph,
    failuresPerRound: 3,
  },
} as const satisfies Record<string, Projection>

export type ProjectionName = keyof typeof projections
