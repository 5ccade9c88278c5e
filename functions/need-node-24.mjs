// Loaded before each entry point, as plain JavaScript: an older Node can read it, and nothing else of ours.
import { existsSync } from 'node:fs'

const [major] = process.versions.node.split('.')
const problem = !existsSync(new URL('../node_modules/hono', import.meta.url))
  ? 'The packages are not installed yet: run `npm ci` first.'
  : Number(major) < 24
    ? `This needs Node 24, and this is Node ${process.versions.node}.
On Linux (x64, arm64) and Windows (x64) \`npm ci\` brings Node 24 along for every \`npm\` command, unless optional packages are left out.
On macOS and elsewhere install Node 24 yourself, then run the command again.`
    : undefined
if (problem) {
  process.stderr.write(`${problem}\n`)
  process.exit(1)
}
