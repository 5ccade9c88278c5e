import loadHighs, { type Highs, type Model } from 'highs'

/** The package's types are those of its CommonJS build; what an import gets is the loader itself. */
const load = loadHighs as unknown as typeof loadHighs.default

let highs: Promise<Highs> | undefined
export const solver = (): Promise<Highs> => {
  highs ??= load()
  return highs
}

/** One condition: between `lower` and `upper` of a sum of columns, each with its factor. */
export interface Row {
  lower: number
  upper: number
  terms: readonly (readonly [column: number, factor: number])[]
}

/** A linear programme without an aim yet. */
export function programme(
  highs: Highs,
  columns: readonly (readonly [lower: number, upper: number])[],
  rows: readonly Row[],
): Model {
  const starts = [0]
  const sorted = rows.map(({ terms }) => [...terms].sort(([a], [b]) => a - b))
  for (const terms of sorted) starts.push((starts.at(-1) ?? 0) + terms.length)
  const model = highs.createModel({
    numCols: columns.length,
    numRows: rows.length,
    colCost: columns.map(() => 0),
    colLower: columns.map(([lower]) => lower),
    colUpper: columns.map(([, upper]) => upper),
    rowLower: rows.map(({ lower }) => lower),
    rowUpper: rows.map(({ upper }) => upper),
    matrix: {
      format: 'csr',
      numRows: rows.length,
      numCols: columns.length,
      starts,
      indices: sorted.flatMap((terms) => terms.map(([column]) => column)),
      values: sorted.flatMap((terms) => terms.map(([, factor]) => factor)),
    },
  })
  model.options.set({ output_flag: false })
  return model
}

/** Least and largest that the sum of some columns can be. Throws when the conditions contradict each other. */
export function boundsOf(
  { constants }: Highs,
  model: Model,
  columns: number,
  counted: (column: number) => boolean,
) {
  const cost = Array.from({ length: columns }, (_, column) => (counted(column) ? 1 : 0))
  model.changeColsCost({ kind: 'range', from: 0, to: columns - 1 }, cost)
  const best = (sense: 'minimize' | 'maximize') => {
    model.changeObjectiveSense(constants.objectiveSense[sense])
    const { modelStatus } = model.run()
    if (modelStatus !== constants.modelStatus.optimal)
      throw new Error(`the solver ended with status ${modelStatus}`)
    return model.getObjectiveValue()
  }
  return { from: best('minimize'), to: best('maximize') }
}
