import { GraphQLError, type ValidationRule } from 'graphql'

/** A rule for where answers are streamed and nothing else is answered. */
export const onlySubscriptions: ValidationRule = (context) => ({
  OperationDefinition(node) {
    if (node.operation === 'subscription') return
    context.reportError(
      new GraphQLError(
        'Only subscriptions are answered here: ask everything else at the academy’s own address.',
        {
          nodes: node,
          extensions: { code: 'query_refused' },
        },
      ),
    )
  },
})
