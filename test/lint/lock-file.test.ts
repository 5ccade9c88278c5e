import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as z from 'zod'

const zWords = z.union([z.string().transform((word) => [word]), z.array(z.string())])
const zPackage = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
  os: zWords.optional(),
  cpu: zWords.optional(),
})
const zLock = z.object({ packages: z.record(z.string(), zPackage) })
const { packages } = zLock.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')))

/** Looks for a package the way Node does: in the package's own folder, then in each one above it. */
function isLocked(name: string, from: string): boolean {
  if (packages[`${from === '' ? '' : `${from}/`}node_modules/${name}`] !== undefined) return true
  if (from === '') return false
  return isLocked(
    name,
    from.includes('/node_modules/') ? from.slice(0, from.lastIndexOf('/node_modules/')) : '',
  )
}

// `npm ci` refuses a lock file that lacks one of them, on every machine: a lock written where a registry
// does not carry the packages of other platforms has to be completed by hand.
test('the lock file names every dependency of every package, for all platforms', () => {
  const absent = Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !isLocked(name, path))
      .map((name) => `${name}, which ${path || 'the project'} needs`),
  )
  expect(absent).toEqual([])
})

test('a package for one platform says which, so that npm passes over it elsewhere', () => {
  const parents = ['node_modules/@biomejs/biome', 'node_modules/oxlint', 'node_modules/oxlint-tsgolint']
  const untold = parents
    .flatMap((parent) => Object.keys(packages[parent]?.optionalDependencies ?? {}))
    .filter((name) => {
      const { os, cpu } = packages[`node_modules/${name}`] ?? {}
      return !os?.every((word) => name.includes(word)) || !cpu?.every((word) => name.includes(word))
    })
  expect(untold).toEqual([])
})
