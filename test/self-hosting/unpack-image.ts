import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readImage } from './read-container.ts'

const zLockFile = (text: string) =>
  JSON.parse(text) as { packages: Record<string, { dev?: boolean; devOptional?: boolean }> }

/** The folder of the image as its container file makes it, without an engine: what it copies, and what `npm ci --omit=dev` installs. */
export function unpackImage(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  link([...new Set(readImage().copied)], folder)
  // As `.dockerignore` says.
  execFileSync('find', [folder, '-name', '*.test.ts', '-delete'])
  const { packages } = zLockFile(readFileSync('package-lock.json', 'utf8'))
  const wanted = Object.entries(packages)
    .filter(([path, { dev }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && !dev && existsSync(path))
    .map(([path]) => path)
    .filter((path) => !/^node_modules\/node-(linux|win)-/.test(path))
  for (const [into, paths] of Map.groupBy(wanted, dirname)) {
    mkdirSync(join(folder, into), { recursive: true })
    link(paths, join(folder, into))
  }
}

/** A file that lies twice on one disk takes its place once. */
function link(paths: string[], into: string): void {
  execFileSync('cp', ['-al', ...paths, into])
}
