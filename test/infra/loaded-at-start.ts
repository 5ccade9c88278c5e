import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { Metafile } from 'esbuild'

const kilobytes = (bytes: number) => Math.ceil(bytes / 1000)

/** What a function loads when it starts: its entry and what that imports at once, not what it may import later. */
export function loadedAtStart({ outputs }: Metafile) {
  const start = Object.keys(outputs).find((path) => path.endsWith('/index.mjs'))
  const seen = new Set<string>()
  const visit = (path: string) => {
    const output = outputs[path]
    if (!output || seen.has(path)) return
    seen.add(path)
    for (const { path: next, kind } of output.imports) if (kind === 'import-statement') visit(next)
  }
  visit(start ?? '')
  const files = [...seen].map((path) => readFileSync(path))
  const inputs = [...seen].flatMap((path) => Object.keys(outputs[path]?.inputs ?? {}))
  const packages = inputs.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [])
  return {
    inputs,
    text: Buffer.concat(files).toString(),
    kilobytes: kilobytes(files.reduce((sum, file) => sum + file.length, 0)),
    gzipped: kilobytes(files.reduce((sum, file) => sum + gzipSync(file).length, 0)),
    packages: new Set(packages),
  }
}
