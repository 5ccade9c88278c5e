import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Metafile, type Plugin } from 'esbuild'
import { parse as parseYaml } from 'yaml'
import type { Deployment } from './deployment.ts'

const project = join(import.meta.dirname, '..')

/** What old packages without module builds ask for at run time. */
const requireForModules =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);"

/**
 * Builds the entry points `functions/{entry}.ts`, each into a folder of its name below `folder`, beside the
 * files it reads when it runs. What is imported only when needed becomes a file of its own. Answers
 * esbuild's account of what went into each.
 */
export async function bundleFunctions<Entry extends string>(
  entries: readonly Entry[],
  deployment: Deployment,
  folder: string,
): Promise<Record<Entry, Metafile>> {
  const [ontology, sources] = ['ontology.json', 'ontology-files.json'].map((name) => join(folder, name)) as [
    string,
    string,
  ]
  mkdirSync(folder, { recursive: true })
  const pack = ['skills-ontology/pack.ts', ontology, sources]
  execFileSync(process.execPath, pack, { cwd: project, stdio: 'inherit' })
  const built = await Promise.all(
    entries.map(async (entry) => {
      const own = join(folder, entry)
      const metafile = await bundle(entry, own)
      copyFileSync(ontology, join(own, 'ontology.json'))
      // Read by the one function that keeps versions.
      if (entry === 'outbox') copyFileSync(sources, join(own, 'ontology-files.json'))
      addData(deployment, own)
      return [entry, metafile] as const
    }),
  )
  return Object.fromEntries(built) as Record<Entry, Metafile>
}

async function bundle(entry: string, folder: string): Promise<Metafile> {
  const { metafile } = await build({
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
    metafile: true,
    mainFields: ['module', 'main'],
    banner: { js: requireForModules },
    alias: {
      // Node 24 has all of it itself.
      '@whatwg-node/fetch': join(project, 'node_modules/@whatwg-node/fetch/dist/esm-ponyfill.js'),
      // Asked for by a path that leads to a second copy, whose errors the first does not know.
      'graphql/language/parser': join(project, 'node_modules/graphql/language/parser.mjs'),
    },
    plugins: [englishOnly, yamlAsJson],
    logLevel: 'warning',
  })
  return metafile
}

/**
 * Beside the bundles every YAML file is written as JSON, which is YAML too and read without a library. Drafts of
 * the ontology are YAML as curators write it: what judges them keeps the library, in a part loaded for them.
 */
const yamlAsJson: Plugin = {
  name: 'yaml-as-json',
  setup(build) {
    build.onResolve({ filter: /^yaml$/ }, ({ importer }) =>
      importer.includes('/skills-ontology/')
        ? undefined
        : { path: join(import.meta.dirname, 'yaml-as-json.ts') },
    )
  },
}

/** One package imports zod whole, with its messages in fifty languages; none of them reaches a caller. */
const englishOnly: Plugin = {
  name: 'english-only',
  setup(build) {
    build.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js'",
      resolveDir: join(project, 'node_modules/zod/v4/locales'),
    }))
  },
}

function addData({ identity, institutions, anchors }: Deployment, folder: string): void {
  for (const file of ['style.css', 'mark.svg'])
    copyFileSync(join(project, 'http/static', file), join(folder, file))
  writeFileSync(join(folder, 'identity.json'), JSON.stringify(identity))
  writeFileSync(join(folder, 'institutions.json'), JSON.stringify({ institutions, anchors }))
  const practicals = join(project, 'practicals')
  for (const { name, parentPath } of readdirSync(practicals, { recursive: true, withFileTypes: true })) {
    if (name !== 'spec.yaml') continue
    const own = join(folder, parentPath.slice(practicals.length + 1))
    mkdirSync(own, { recursive: true })
    writeFileSync(join(own, name), JSON.stringify(parseYaml(readFileSync(join(parentPath, name), 'utf8'))))
  }
}
