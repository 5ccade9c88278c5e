import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { packOntology, unpackOntology } from '#core/ontology/ontology-text.ts'
import { compareVersions } from '#core/ontology/version-rules.ts'
import type { Ontology } from '#core/skills/ontology.ts'

const zPublished = z.object({
  version: z.string(),
  digest: z.string(),
  publishedOn: z.iso.date(),
  ontology: z.record(z.string(), z.unknown()),
})

export interface PublishedOntology {
  publishedOn: string
  ontology: Ontology
}

/** The versions that came with earlier releases of the software, the earliest first; each one file, never changed. */
export function publishedVersions(dir: string): PublishedOntology[] {
  const folder = join(dir, 'published')
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return names
    .map((name) => readPublished(join(folder, name)))
    .sort((a, b) => compareVersions(a.ontology.version, b.ontology.version))
}

/** One file of `published/`. */
export function readPublished(file: string): PublishedOntology {
  const { digest, publishedOn, ontology } = zPublished.parse(JSON.parse(readFileSync(file, 'utf8')))
  return { publishedOn, ontology: unpackOntology(JSON.stringify(ontology), digest) }
}

/** Writes the file of a version, one entry a line so that two versions can be compared line by line. */
export function writePublished(dir: string, { publishedOn, ontology }: PublishedOntology): string {
  const { version, digest } = ontology
  const members = Object.entries(JSON.parse(packOntology(ontology)) as Record<string, unknown>).map(
    ([name, value]) =>
      `${JSON.stringify(name)}: ${Array.isArray(value) ? lines(value) : JSON.stringify(value)}`,
  )
  const head = `"version": "${version}",\n"digest": "${digest}",\n"publishedOn": "${publishedOn}"`
  const name = join('published', `${version}.json`)
  mkdirSync(join(dir, 'published'), { recursive: true })
  writeFileSync(join(dir, name), `{\n${head},\n"ontology": {\n${members.join(',\n')}\n}\n}\n`)
  return name
}

const lines = (items: readonly unknown[]) => `[\n${items.map((item) => JSON.stringify(item)).join(',\n')}\n]`
