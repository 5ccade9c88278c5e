import { EnvelopArmor } from '@escape.tech/graphql-armor'
import { GraphQLError, type GraphQLErrorOptions, NoSchemaIntrospectionCustomRule } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import { Hono } from 'hono'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { type GraphContext, queryLimits } from '#schema/builder.ts'
import { schema } from '#schema/schema.ts'
import { analyticsGuard } from './analytics.ts'
import type { Authenticator } from './authenticate.ts'
import type { AcademyEnv } from './environment.ts'
import { answerProblem, statusOf } from './errors.ts'
import { describeError } from './log.ts'
import { onlySubscriptions } from './only-subscriptions.ts'
import { progressStreams } from './progress-streams.ts'
import type { AppOptions } from './shell.ts'
import { traceOperations } from './trace-operations.ts'

/** Limits on the text of a query, before anything runs. Written in `docs/operations.md`. */
const textLimits = { tokens: 2000, aliases: 30, directives: 20 } as const

const bearer = { 'Content-Type': 'application/json', 'WWW-Authenticate': 'Bearer error="invalid_token"' }

/**
 * `/graphql`: bearer tokens only, cookies are never read, so no page elsewhere can act for its reader.
 * Expected errors carry their code; everything else is masked and logged under the request's id.
 */
export function graphqlRoutes(
  ports: Ports,
  authenticator: Authenticator,
  {
    production,
    log,
    rateLimits,
    streams,
    streamsAt,
    only,
  }: Pick<AppOptions, 'production' | 'log' | 'rateLimits' | 'streams' | 'streamsAt'> & {
    only?: 'subscription'
  },
): Hono<AcademyEnv> {
  const armor = new EnvelopArmor({
    blockFieldSuggestion: { enabled: true },
    costLimit: { enabled: false },
    maxAliases: { n: textLimits.aliases },
    maxDepth: { n: queryLimits.depth },
    maxDirectives: { n: textLimits.directives },
    maxTokens: { n: textLimits.tokens },
  }).protect()
  // The two libraries name one context type differently; a plugin of armor reads none of it.
  const armorPlugins = armor.plugins as unknown as Plugin[]
  const noIntrospection: Plugin = {
    onValidate: ({ addValidationRule }) => addValidationRule(NoSchemaIntrospectionCustomRule),
  }
  const justSubscriptions: Plugin = {
    onValidate: ({ addValidationRule }) => addValidationRule(onlySubscriptions),
  }
  const yoga = createYoga<GraphContext & { requestId: string }>({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    graphiql: production ? false : { title: 'AI Skills Academy', defaultQuery: '{ ontology { version } }' },
    batching: false,
    multipart: false,
    cors: false,
    logging: false,
    plugins: [
      ...armorPlugins,
      ...(production ? [noIntrospection] : []),
      ...(only ? [justSubscriptions] : []),
      ...(ports.trace ? [traceOperations(ports.trace)] : []),
    ],
    maskedErrors: {
      maskError: (error) => {
        const original = error instanceof GraphQLError ? error.originalError : error
        if (original instanceof Refusal) return told(error, original)
        // Syntax, validation and limits: made for the caller, with no value of ours inside.
        if (error instanceof GraphQLError && (original === undefined || original instanceof GraphQLError)) {
          return error.extensions['code'] ? error : coded(error, 'query_refused')
        }
        log({ level: 'error', event: 'graphql-defect', error: describeError(original, !production) })
        return new GraphQLError('Something went wrong on our side.', {
          ...placeOf(error),
          extensions: { code: 'internal_error' },
        })
      },
    },
  })

  const analytics = analyticsGuard(rateLimits.analytics, ports, log)
  const openStream = streams && progressStreams(streams, ports)
  const app = new Hono<AcademyEnv>()
  app.on(['GET', 'POST'], '/graphql', async (c) => {
    // Anything a form of another site could send without asking is refused, though no cookie counts here.
    const type = c.req.header('content-type') ?? ''
    if (c.req.method === 'POST' && !/^application\/json\b/i.test(type)) {
      return answerProblem(c, 415, 'invalid_input', 'Send the query as application/json.', 'content-type')
    }
    try {
      const actor = await authenticator.actorOf(c.req.header('authorization'))
      const answer = await yoga.fetch(c.req.raw, {
        actor,
        ports,
        analytics,
        openStream,
        streamsAt,
        requestId: c.get('requestId'),
      })
      return new Response(answer.body, { status: answer.status, headers: graphHeaders(answer.headers) })
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const { code, message } = error
      const body = JSON.stringify({ errors: [{ message, extensions: { code } }] })
      return new Response(body, { status: statusOf[code], headers: bearer })
    }
  })
  return app
}

function told(error: unknown, { code, message, field }: Refusal): GraphQLError {
  return new GraphQLError(message, { ...placeOf(error), extensions: { code, ...(field ? { field } : {}) } })
}

function coded(error: GraphQLError, code: string): GraphQLError {
  return new GraphQLError(error.message, { ...placeOf(error), extensions: { ...error.extensions, code } })
}

/** Where in the query it happened. */
function placeOf(error: unknown): GraphQLErrorOptions {
  if (!(error instanceof GraphQLError)) return {}
  const { nodes, source, positions, path } = error
  return { nodes: nodes ?? null, source: source ?? null, positions: positions ?? null, path: path ?? null }
}

/** GraphiQL (never in production) is one page that loads its parts from a public package mirror. */
function graphHeaders(headers: Headers): Headers {
  const own = new Headers(headers)
  own.set('Cache-Control', 'no-store')
  if (own.get('Content-Type')?.startsWith('text/event-stream')) {
    // `none` is no coding of HTTP; and no proxy should keep events until it has many.
    own.delete('Content-Encoding')
    own.set('X-Accel-Buffering', 'no')
  }
  if (own.get('Content-Type')?.startsWith('text/html')) {
    own.set(
      'Content-Security-Policy',
      "default-src 'none'; script-src 'unsafe-inline' https://unpkg.com; style-src 'unsafe-inline' https://unpkg.com; font-src https://unpkg.com data:; img-src 'self' https: data:; connect-src 'self' https://unpkg.com; worker-src blob:; frame-ancestors 'none'; base-uri 'none'",
    )
  }
  return own
}
