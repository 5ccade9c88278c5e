import SchemaBuilder from '@pothos/core'
import ComplexityPlugin, { ComplexityErrorKind } from '@pothos/plugin-complexity'
import DataloaderPlugin from '@pothos/plugin-dataloader'
import ErrorsPlugin from '@pothos/plugin-errors'
import RelayPlugin from '@pothos/plugin-relay'
import ScopeAuthPlugin, { type AuthFailure, AuthScopeFailureType } from '@pothos/plugin-scope-auth'
import { GraphQLError } from 'graphql'
import { type Actor, mayEver, notAllowed, type Operation } from '#core/access/operations.ts'
import type { Ports } from '#core/ports.ts'
import type { Json } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import { decodeNodeId, encodeNodeId, unknownNode } from './node-ids.ts'

/**
 * Answers one question about statistics: logged without who asked, and refused `too_many_requests` to an account
 * that asks too many. The slice says what was asked, by dimension.
 */
export type AskAnalytics = <T>(
  actor: Actor | undefined,
  query: string,
  slice: { readonly [dimension: string]: string | undefined },
  answer: () => Promise<T>,
) => Promise<T>

/**
 * Opens a stream of events about a thing for an account. `again` waits until the thing may be looked at once more,
 * and answers false when the stream is over. Refuses `too_many_requests`.
 */
export type OpenStream = <T>(
  actor: Actor,
  thing: string,
  events: (again: () => Promise<boolean>) => AsyncGenerator<T, void, undefined>,
) => Promise<AsyncIterableIterator<T, void, undefined>>

/** What a resolver is given: who asks, and the world. */
export interface GraphContext {
  actor: Actor | undefined
  ports: Ports
  analytics: AskAnalytics
  /** Absent where an answer cannot be streamed. */
  openStream: OpenStream | undefined
  /** Address of `/graphql` where subscriptions are answered, if that is elsewhere. */
  streamsAt?: string | undefined
}

/** A query may cost this much: one per field, lists times the number asked for. Written in `docs/operations.md`. */
export const queryLimits = { depth: 12, breadth: 400, complexity: 5000 } as const

export const builder = new SchemaBuilder<{
  Context: GraphContext
  AuthScopes: { may: Operation; mayAny: Operation[] }
  Scalars: {
    ID: { Input: string; Output: string }
    DateTime: { Input: never; Output: Date }
    JSON: { Input: Json; Output: Json }
  }
  DefaultEdgesNullability: false
  DefaultNodeNullability: false
}>({
  // The first plugin is the outermost: refusals of scope-auth become union members too.
  plugins: [ErrorsPlugin, ScopeAuthPlugin, RelayPlugin, DataloaderPlugin, ComplexityPlugin],
  errors: { defaultTypes: [Refusal], directResult: true },
  scopeAuth: {
    authorizeOnSubscribe: true,
    /** Refuses before anything is read; core authorises again, with the target. */
    authScopes: ({ actor }) => ({
      may: (operation) => mayEver(actor, operation),
      mayAny: (anyOf) => anyOf.some((operation) => mayEver(actor, operation)),
    }),
    unauthorizedError: (_parent, { actor }, _info, { failure }) => {
      const operation = deniedOperation(failure)
      if (actor && operation) return notAllowed(operation)
      return new Refusal('not_signed_in', 'Sign in first: this needs an access token.')
    },
  },
  relay: {
    encodeGlobalID: (typename, id) => encodeNodeId(typename, String(id)),
    decodeGlobalID: decodeNodeId,
    nodesQueryOptions: false,
    edgesFieldOptions: { nullable: false },
    nodeFieldOptions: { nullable: false },
    nodeQueryOptions: {
      description: 'Any thing by its id; null when there is none that you may see.',
      resolve: (_root, { id }, _context, _info, resolveNode) =>
        id.typename === unknownNode ? null : resolveNode(id),
    },
  },
  complexity: {
    limit: queryLimits,
    defaultListMultiplier: 5,
    complexityError: (kind) =>
      new GraphQLError(
        {
          [ComplexityErrorKind.Depth]: 'The query is too deep.',
          [ComplexityErrorKind.Breadth]: 'The query asks for too many fields.',
          [ComplexityErrorKind.Complexity]: 'The query costs too much.',
        }[kind],
        { extensions: { code: 'query_too_costly' } },
      ),
  },
})

builder.queryType({})
builder.mutationType({})
builder.subscriptionType({})

builder.scalarType('DateTime', {
  description: 'A moment, ISO 8601 in UTC.',
  serialize: (value) => value.toISOString(),
  parseValue: () => {
    throw new GraphQLError('DateTime is only ever answered.')
  },
})

const jsonDepth = 8

builder.scalarType('JSON', {
  description: `Any JSON value, at most ${jsonDepth} levels deep. Its own operation says which it takes.`,
  serialize: (value) => value,
  parseValue: (value) => {
    if (!isShallow(value, jsonDepth)) throw new GraphQLError('The JSON value is too deep.')
    return value as Json
  },
})

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((member) => isShallow(member, levels - 1))
}

/** The operation whose rule said no, out of the plugin's tree of reasons. */
function deniedOperation(failure: AuthFailure): Operation | undefined {
  if (failure.kind === AuthScopeFailureType.AuthScope) return [failure.parameter].flat()[0] as Operation
  if (!('failures' in failure)) return undefined
  return failure.failures.map(deniedOperation).find((operation) => operation !== undefined)
}
