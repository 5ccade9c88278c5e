import { graphql } from 'graphql'
import type { Actor } from '#core/access/operations.ts'
import type { Ports } from '#core/ports.ts'
import type { GraphContext } from '#schema/builder.ts'
import { schema } from '#schema/schema.ts'

/** Asks the schema itself, without a server before it. Answers as plain JSON, with the errors as they were thrown. */
export const asks =
  (ports: Ports, actor: Actor | undefined) =>
  async (source: string): Promise<{ data: unknown; errors?: unknown }> => {
    const contextValue: GraphContext = {
      actor,
      ports,
      openStream: undefined,
      analytics: (_actor, _query, _slice, answer) => answer(),
    }
    const { data, errors } = await graphql({ schema, source, contextValue })
    return { data: JSON.parse(JSON.stringify(data ?? null)) as unknown, ...(errors ? { errors } : {}) }
  }
