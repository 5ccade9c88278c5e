import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

const secret = readFileSync(0, 'base64')
const inputs = Object.fromEntries(
  readdirSync('.')
    .filter((name) => name.endsWith('.txt'))
    .map((name) => [name, readFileSync(name, 'base64')]),
)
const seen = { environment: process.env, arguments: process.argv.slice(2), secret, inputs }
writeFileSync('out/seen.json', JSON.stringify(seen))
