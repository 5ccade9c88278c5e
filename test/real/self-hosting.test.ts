import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { exportJWK, SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { readCompose, readImage, folder as selfHosting } from '../self-hosting/read-container.ts'
import { unpackImage } from '../self-hosting/unpack-image.ts'
import { freePort } from '../support/server.ts'
import { rawRequest } from '../support/wallet.ts'
import { emptyNeo4j, neo4jAddress } from './empty-neo4j.ts'

const image = readImage()
const compose = readCompose().services['academy']
const unpacked = resolve('.cache/self-hosting/image')
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

let host = ''
let url = ''
let environment: Record<string, string> = {}
let certificate = ''
let server: { child: ChildProcess; ended: Promise<number | null>; output: () => string }

/** What stands beside the compose file on an operator's machine, and the settings of compose with an address of ours. */
beforeAll(async () => {
  unpackImage(unpacked)
  await emptyNeo4j()
  host = mkdtempSync(join(tmpdir(), 'academy-host-'))
  for (const name of ['config', 'tls', 'secrets', 'data']) mkdirSync(join(host, name))
  execFileSync(
    'openssl',
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout tls/key.pem -out tls/certificate.pem'.split(
      ' ',
    ),
    { cwd: host, stdio: 'ignore' },
  )
  certificate = readFileSync(join(host, 'tls/certificate.pem'), 'utf8')
  cpSync(`${selfHosting}/config/institutions.example.json`, join(host, 'config/institutions.json'))
  writeFileSync(join(host, 'secrets/graph_login'), 'neo4j/only for this test\n')
  writeFileSync(join(host, 'secrets/sign_in_client'), 'the secret of a client\n')
  const example = JSON.parse(readFileSync(`${selfHosting}/config/identity.example.json`, 'utf8'))
  const issuer = {
    issuer: 'https://login.example',
    audience: 'academy',
    jwks: { keys: [await exportJWK(publicKey)] },
    algorithms: ['ES256'],
    rolesClaim: ['roles'],
    roles: { registrar: 'registrar' },
    tenant: { slug: 'north-lake' },
    signIn: example.issuers[0].signIn,
  }
  writeFileSync(join(host, 'config/identity.json'), JSON.stringify({ issuers: [issuer] }))
  const port = await freePort()
  url = `https://localhost:${port}`
  environment = {
    ...image.environment,
    ...compose?.environment,
    PORT: String(port),
    // Not opened to others here; that it may be is judged by the settings.
    LISTEN_ADDRESS: '127.0.0.1',
    PUBLIC_URL: url,
    NEO4J_URL: neo4jAddress().url,
  }
  server = start(image.command)
  await vi.waitFor(() => expect(server.output()).toMatch(/^ready$/m), { timeout: 100_000, interval: 200 })
}, 200_000)

afterAll(async () => {
  server?.child.kill('SIGKILL')
  await server?.ended
  rmSync(host, { recursive: true, force: true })
  rmSync(unpacked, { recursive: true, force: true })
})

/** How the container would be: another user, the files of the image and the mounts, all read-only but the data. */
function boxed(command: string[], given = environment): string[] {
  return [
    '--unshare-user --uid 10001 --gid 10001 --unshare-ipc --die-with-parent --new-session --clearenv',
    '--ro-bind /usr /usr --symlink usr/lib /lib --symlink usr/lib64 /lib64 --symlink usr/bin /bin',
    '--ro-bind /etc/hosts /etc/hosts --proc /proc --dev /dev --tmpfs /tmp',
    `--ro-bind ${unpacked} /academy --ro-bind ${process.execPath} /opt/node --chdir /academy`,
    `--bind ${host}/data /data --ro-bind ${host}/tls /tls --ro-bind ${host}/config /config`,
    `--ro-bind ${host}/secrets /run/secrets --remount-ro /`,
  ]
    .flatMap((options) => options.split(' '))
    .concat(Object.entries(given).flatMap(([name, value]) => ['--setenv', name, value]))
    .concat(['--', ...command.map((word) => (word === 'node' ? '/opt/node' : word))])
}

function start(command: string[], given = environment) {
  const child = spawn('bwrap', boxed(command, given), { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (output += part))
  const ended = new Promise<number | null>((done) => child.once('exit', done))
  return { child, ended, output: () => output }
}

async function ask(query: string, token?: string) {
  const headers = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  }
  const body = JSON.stringify({ query })
  return (await rawRequest(`${url}/graphql`, certificate, { method: 'POST', headers, body })).json()
}

test('hadolint finds nothing in the container file', () => {
  const lint = (input: string) => spawnSync(process.env['HADOLINT'] ?? '', ['-'], { input, encoding: 'utf8' })
  const text = readFileSync(`${selfHosting}/Containerfile`, 'utf8')
  expect(lint(text)).toMatchObject({ status: 0, stdout: '' })
  expect(lint(text.replace('RUN npm', 'RUN sudo npm')).stdout).toContain('DL3004')
})

test('the start command runs in a copy of the image, read-only, as another user, over TLS, on Neo4j', async () => {
  expect((await rawRequest(`${url}/readyz`, certificate)).json()).toMatchObject({ status: 'ready' })
  const found = await ask('{ skills(search: "promt enginering") { edges { node { slug } } } }')
  expect(found).toMatchObject({ data: { skills: { edges: [{ node: { slug: 'prompt-engineering' } }] } } })
})

test('people sign in at the registered issuer, and belong to an institution of the file', async () => {
  const token = await new SignJWT({ roles: ['registrar'] })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt' })
    .setIssuer('https://login.example')
    .setAudience('academy')
    .setSubject('somebody')
    .setExpirationTime('5 min')
    .sign(privateKey)
  expect(await ask('{ viewer { roles institution { slug } } }', token)).toEqual({
    data: { viewer: { roles: ['registrar'], institution: { slug: 'north-lake' } } },
  })
  const signIn = await rawRequest(`${url}/sign-in`, certificate)
  expect(signIn.status).toBe(303)
  const to = new URL(String(signIn.headers['location']))
  expect([to.origin, to.searchParams.get('redirect_uri')]).toEqual([
    'https://login.example',
    `${url}/callback`,
  ])
  const did = await rawRequest(`${url}/institutions/north-lake/did.json`, certificate)
  expect(did.json()).toMatchObject({ verificationMethod: [expect.anything()] })
})

test('what is for trials only is not there', async () => {
  for (const path of ['/outbox', '/dev/token?as=learner', '/oidc/jwks'])
    expect((await rawRequest(url + path, certificate)).status, path).toBe(404)
  expect(JSON.stringify(await ask('{ __schema { types { name } } }'))).toContain('introspection')
})

test('the health check says whether work may be sent', async () => {
  const healthy = start(image.healthCheck)
  expect(await healthy.ended, healthy.output()).toBe(0)
  expect(await start(image.healthCheck, { ...environment, PORT: '1' }).ended).toBe(1)
})

test('the embedded identity provider refuses to run for others', async () => {
  const { IDENTITY: _left, ...without } = environment
  const refused = start(image.command, { ...without, DATA_DIR: '/tmp', PORT: '0' })
  expect(await refused.ended).toBe(1)
  expect(refused.output()).toContain('IDENTITY: the embedded provider has no passwords')
})

test('it ends when it is told to, and nothing went wrong on the way', async () => {
  // An engine tells the program itself; bubblewrap, which stands above it here, would just die.
  const { pid } = server.child
  const program = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  process.kill(Number(program), 'SIGTERM')
  expect(await server.ended).toBe(0)
  const lines = server.output().split('\n')
  expect(lines.filter((line) => line.includes('"level":"error"'))).toEqual([])
})
