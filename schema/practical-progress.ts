import { GraphQLError } from 'graphql'
import { parse, zId } from '#core/parse.ts'
import { attemptToFollow, followAttempt } from '#core/practicals/follow-attempt.ts'
import { builder } from './builder.ts'
import { PracticalRun } from './practicals.ts'

builder.subscriptionField('practicalRun', (t) =>
  t.field({
    type: PracticalRun,
    description:
      'The run as it is, then again with each change, until it has ended; over server-sent events. For its learner and their assessors. Whoever cannot listen asks the query of the same name every few seconds.',
    authScopes: { may: 'followPracticalRun' },
    args: { id: t.arg.id({ required: true }) },
    subscribe: async (_root, { id }, { actor, ports, openStream, streamsAt }) => {
      const attempt = await attemptToFollow(actor, parse(zId('att'), id), ports)
      if (!openStream || !actor) {
        const instead = streamsAt
          ? `subscribe at ${streamsAt}, or ask practicalRun again every few seconds`
          : 'ask practicalRun again every few seconds'
        throw new GraphQLError(`Nothing is streamed here: ${instead}.`, {
          extensions: { code: 'query_refused', ...(streamsAt ? { streamsAt } : {}) },
        })
      }
      return openStream(actor, attempt.id, (again) => followAttempt(attempt, ports, again))
    },
    resolve: (attempt) => attempt,
  }),
)
