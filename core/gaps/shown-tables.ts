import type { Steps } from './cell-privacy.ts'
import type { PairName, PlaceDimension, Subject } from './places.ts'

/** Exact counts of one table that may be shown, from the first step on; what is hidden is absent. */
export type Table = Map<string, Map<Subject, Steps>>
export type TableName = PlaceDimension | PairName

export function tableOf(tables: Map<TableName, Table>, name: TableName): Table {
  const table = tables.get(name) ?? new Map()
  tables.set(name, table)
  return table
}

/** A cell without steps is no cell. */
export function setCell(table: Table, place: string, subject: Subject, steps: Steps): void {
  const cells = table.get(place) ?? new Map<Subject, Steps>()
  if (steps.length > 0) cells.set(subject, steps)
  else cells.delete(subject)
  table.set(place, cells)
}

export const isPair = (name: TableName): name is PairName => name.includes('+')
