import { copyFileSync, cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSync, type Metafile } from 'esbuild'
import type { Deployment } from './deployment.ts'

const project = join(import.meta.dirname, '..')

/** What old packages without module builds ask for at run time. */
const requireForModules =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);"

/**
 * Builds `functions/{entry}.ts` into a folder, beside the files it reads when it runs. What is imported only
 * when needed becomes a file of its own. Answers esbuild's account of what went into it.
 */
export function bundleFunction(entry: string, deployment: Deployment, folder: string): Metafile {
  const { metafile } = buildSync({
    absWorkingDir: project,
    entryPoints: { index: `functions/${entry}.ts` },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    splitting: true,
    minify: true,
    keepNames: true,
    metafile: true,
    mainFields: ['module', 'main'],
    banner: { js: requireForModules },
    logLevel: 'warning',
  })
  for (const file of ['style.css', 'mark.svg'])
    copyFileSync(join(project, 'http/static', file), join(folder, file))
  copyOntology(join(project, 'skills-ontology'), join(folder, 'ontology'))
  const { identity, institutions, anchors } = deployment
  writeFileSync(join(folder, 'identity.json'), JSON.stringify(identity))
  writeFileSync(join(folder, 'institutions.json'), JSON.stringify({ institutions, anchors }))
  return metafile
}

/** The source data of the ontology without the programs that judge it. */
function copyOntology(from: string, to: string): void {
  mkdirSync(join(to, 'skills'), { recursive: true })
  const isData = (name: string) => /\.(yaml|csv)$/.test(name)
  for (const name of readdirSync(from).filter(isData)) copyFileSync(join(from, name), join(to, name))
  cpSync(join(from, 'skills'), join(to, 'skills'), { recursive: true })
}
