import type { Driver, ManagedTransaction } from 'neo4j-driver'

export interface Neo4jAddress {
  /** `bolt://…` or `neo4j+s://…`. */
  url: string
  user?: string
  password?: string
  /** The server's default database when absent. */
  database?: string
  /** How long a query is tried again that the server could not take; half a minute when absent. */
  retrySeconds?: number
}

type Row = Record<string, unknown>
type Values = Record<string, unknown>

/** One driver of one process. */
export interface Neo4j {
  read(query: string, values?: Values): Promise<Row[]>
  /** One transaction, tried again when the server says that it lost a race. */
  write(query: string, values?: Values): Promise<Row[]>
  writeAll<T>(work: (run: (query: string, values?: Values) => Promise<Row[]>) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Connects at the first query; the driver is loaded then and not before, for most deployments have no Neo4j. */
export function connectNeo4j({ url, user, password, database, retrySeconds = 30 }: Neo4jAddress): Neo4j {
  let opened: Promise<Driver> | undefined
  const open = async () => {
    const { default: neo4j } = await import('neo4j-driver')
    const auth = user === undefined ? undefined : neo4j.auth.basic(user, password ?? '')
    return neo4j.driver(url, auth, {
      // Every number we keep is far below 2^53.
      disableLosslessIntegers: true,
      connectionTimeout: 10_000,
      maxTransactionRetryTime: retrySeconds * 1000,
      userAgent: 'ai-skills-academy',
    })
  }
  const driver = () => {
    opened ??= open()
    return opened
  }
  const inDatabase = database === undefined ? {} : { database }
  const once = async (query: string, values: Values, routing: 'READ' | 'WRITE') => {
    const { records } = await (await driver()).executeQuery(query, values, { ...inDatabase, routing })
    return records.map((record) => record.toObject())
  }
  return {
    read: (query, values = {}) => once(query, values, 'READ'),
    write: (query, values = {}) => once(query, values, 'WRITE'),
    async writeAll(work) {
      const session = (await driver()).session(inDatabase)
      try {
        return await session.executeWrite((transaction: ManagedTransaction) =>
          work(async (query, values = {}) => {
            const { records } = await transaction.run(query, values)
            return records.map((record) => record.toObject())
          }),
        )
      } finally {
        await session.close()
      }
    },
    async close() {
      if (opened) await (await opened).close()
      opened = undefined
    },
  }
}
