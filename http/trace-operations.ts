import { type ExecutionArgs, type ExecutionResult, getOperationAST, Kind } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Trace } from '#core/trace.ts'

/** One step for each operation, named by the fields it asks of the schema; what a caller calls it is not believed. */
export function traceOperations(trace: Trace): Plugin {
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const operation = getOperationAST(args.document, args.operationName ?? undefined)
      const fields = operation?.selectionSet.selections.flatMap((selection) =>
        selection.kind === Kind.FIELD ? [selection.name.value] : [],
      )
      const type = operation?.operation ?? 'query'
      const asked = [...new Set(fields)].slice(0, 10).join(' ')
      const notes = { 'graphql.operation.type': type, 'graphql.fields': asked }
      setExecuteFn((given: ExecutionArgs) =>
        trace.step({ name: `graphql ${type} ${asked}`.trim(), notes }, async (span) => {
          const result: ExecutionResult = await executeFn(given as typeof args)
          if (result.errors) span.note({ 'error.type': 'graphql' })
          return result
        }),
      )
    },
  }
}
