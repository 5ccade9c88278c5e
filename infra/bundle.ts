import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { build, type Metafile, type Plugin } from 'esbuild'
import { BadDeployment, type Deployment } from './deployment.ts'
import { atEachSite } from './functions.ts'

const project = join(import.meta.dirname, '..')
const jobScript = join(project, 'adapters/slurm/job-script.sh')
const isAtEachSite = (entry: string) => atEachSite.some((one) => one === entry)

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
  const prepared = prepare(deployment, join(folder, 'prepared'))
  const built = await Promise.all(
    entries.map(async (entry) => {
      const own = join(folder, entry)
      const metafile = await bundle(entry, own)
      if (entry === 'painter') addPainter(own)
      else addData(join(prepared, 'all'), own)
      // What every job is started by; read beside the adapters of sites.
      if (isAtEachSite(entry)) copyFileSync(jobScript, join(own, basename(jobScript)))
      if (entry === 'projector') cpSync(join(prepared, 'projector'), own, { recursive: true })
      return [entry, metafile] as const
    }),
  )
  return Object.fromEntries(built) as Record<Entry, Metafile>
}

/**
 * Has what the deployment says judged by the code that will read it, in a process of its own, and the files
 * written that lie beside the bundles. Throws `BadDeployment`.
 */
function prepare(deployment: Deployment, folder: string): string {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'deployment.json')
  writeFileSync(file, JSON.stringify(deployment))
  const { status, stderr } = spawnSync(process.execPath, ['functions/prepare-bundles.ts', file, folder], {
    cwd: project,
    encoding: 'utf8',
  })
  if (status === 3) throw new BadDeployment(stderr.split('\n'))
  if (status !== 0) throw new Error(`the bundles could not be prepared: ${stderr}`)
  return folder
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
    alias: {
      // Node 24 has all of it itself.
      '@whatwg-node/fetch': join(project, 'node_modules/@whatwg-node/fetch/dist/esm-ponyfill.js'),
      // Asked for by a path that leads to a second copy, whose errors the first does not know.
      'graphql/language/parser': join(project, 'node_modules/graphql/language/parser.mjs'),
      '@takumi-rs/core': join(import.meta.dirname, 'bundled/takumi.ts'),
    },
    plugins: [undescribed, ownCredentials, englishOnly, yamlAsJson, reflectFirst, withoutUnused, jsonOnly],
    logLevel: 'warning',
  })
  for (const part of Object.keys(metafile.outputs)) giveRequire(join(project, part))
  return metafile
}

/** Few parts hold an old package; the others need not make a `require` when they are loaded. */
function giveRequire(part: string): void {
  const text = readFileSync(part, 'utf8')
  if (/\brequire\b/.test(text)) writeFileSync(part, `${requireForModules}${text}`)
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
        : { path: join(import.meta.dirname, 'bundled/yaml.ts') },
    )
  },
}

/**
 * What must be there before the library of certificates is a script; as a module it runs where it is imported,
 * and not when the file that imports it begins, which is too late once the two are in different parts.
 */
const reflectFirst: Plugin = {
  name: 'reflect-first',
  setup(build) {
    build.onLoad({ filter: /[\\/]reflect-metadata[\\/]Reflect\.js$/ }, ({ path }) => ({
      contents: `${readFileSync(path, 'utf8')}\nexport {}`,
    }))
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

/** Lambda gives a function the credentials of its role by the environment, and in no other way the SDK knows. */
const ownCredentials: Plugin = {
  name: 'own-credentials',
  setup(build) {
    build.onLoad({ filter: /[\\/]credential-provider-node[\\/]dist-es[\\/]index\.js$/ }, ({ path }) => ({
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env'",
      resolveDir: dirname(path),
    }))
  },
}

/** A description in the schema as our own files write it: one literal, without parts that are put in. */
const describing = /\bdescription:\s*('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`[^`$\\]*`)(?:,|(?=\s*\}))/g

/** What introspection would tell, which every function refuses: `schema/schema.graphql` has it for who reads. */
const undescribed: Plugin = {
  name: 'undescribed',
  setup(build) {
    build.onLoad({ filter: /[\\/]schema[\\/][\w-]+\.ts$/ }, ({ path }) =>
      dirname(path) === join(project, 'schema')
        ? { contents: readFileSync(path, 'utf8').replaceAll(describing, ''), loader: 'ts' }
        : undefined,
    )
  },
}

/** Exported names of a module, `a as b` too. */
const exportedName = /^export (?:const|function) (\w+)|^export \{ \w+ as (\w+) \}/gm

/**
 * Parts of packages that nothing here calls and no bundler can know that of: Yoga's page for whoever opens an
 * address of it that is not GraphQL, and zod's way to JSON Schema, which every schema refers to.
 */
const withoutUnused: Plugin = {
  name: 'without-unused',
  setup(build) {
    build.onLoad({ filter: /[\\/]graphql-yoga[\\/]esm[\\/]landing-page-html\.js$/ }, () => ({
      contents: "export default ''",
    }))
    const toJsonSchema = /[\\/]zod[\\/]v4[\\/]core[\\/](to-json-schema|json-schema-processors)\.js$/
    build.onLoad({ filter: toJsonSchema }, ({ path }) => {
      const names = [...readFileSync(path, 'utf8').matchAll(exportedName)].map(
        ([, one, other]) => one ?? other,
      )
      return {
        contents: `const no = () => undefined\nexport { ${names.map((name) => `no as ${name}`).join(', ')} }`,
      }
    })
  },
}

/**
 * Clients that speak JSON take their protocol from a list of all of them. What a part that is loaded later takes from
 * such a list (S3 and STS speak XML) esbuild puts where the list is, which is at the start: here it is shorter.
 */
const jsonOnly: Plugin = {
  name: 'json-only',
  setup(build) {
    const speakJson = /[\\/]@aws-sdk[\\/](client-(dynamodb|kms|secrets-manager|sqs)|dynamodb-codec)[\\/]/
    const json = join(project, 'node_modules/@aws-sdk/core/dist-es/submodules/protocols/json')
    build.onResolve({ filter: /^@aws-sdk\/core\/protocols$/ }, ({ importer }) =>
      speakJson.test(importer) ? { path: 'json', namespace: 'json-only', sideEffects: false } : undefined,
    )
    build.onLoad({ filter: /.*/, namespace: 'json-only' }, () => ({
      contents: [
        ...['AwsJson1_0Protocol', 'AwsJson1_1Protocol'].map(
          (name) => `export { ${name} } from ${JSON.stringify(join(json, `${name}.js`))}`,
        ),
        ...['JsonCodec', 'JsonShapeDeserializer', 'JsonShapeSerializer'].map(
          (name) => `export { ${name}, ${name}2 } from '@smithy/core/protocols'`,
        ),
      ].join('\n'),
      resolveDir: json,
    }))
  },
}

function addData(prepared: string, folder: string): void {
  cpSync(prepared, folder, { recursive: true })
  for (const file of ['style.css', 'mark.svg'])
    copyFileSync(join(project, 'http/static', file), join(folder, file))
}

/** The program that paints, and the fonts where it looks for them: every package of Fontsource we depend on. */
function addPainter(folder: string): void {
  const modules = join(project, 'node_modules')
  copyFileSync(join(modules, '@takumi-rs/wasm/pkg/takumi_wasm_bg.wasm'), join(folder, 'takumi.wasm'))
  const { dependencies } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  for (const name of Object.keys(dependencies).filter((one) => one.startsWith('@fontsource'))) {
    const [from, to] = [join(modules, name), join(folder, 'node_modules', name)]
    mkdirSync(join(to, 'files'), { recursive: true })
    for (const file of ['package.json', 'unicode.json']) copyFileSync(join(from, file), join(to, file))
    const isUsed = (file: string) => /-(400|700|wght)-normal\.woff2?$/.test(file)
    for (const file of readdirSync(join(from, 'files')).filter(isUsed))
      copyFileSync(join(from, 'files', file), join(to, 'files', file))
  }
}
