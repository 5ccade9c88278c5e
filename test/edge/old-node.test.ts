import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const check = 'functions/need-node-24.mjs'

/** Runs the check as if this were another Node. */
function under(version: string) {
  const pretend = `Object.defineProperty(process.versions, 'node', { value: '${version}' }); await import('./${check}')`
  const run = spawnSync(process.execPath, ['--input-type=module', '--eval', pretend], { encoding: 'utf8' })
  return { status: run.status, output: run.stderr }
}

test.each(['20.20.2', '22.12.0', '23.6.0'])(
  'Node %s is told which Node is needed, and how to get it',
  (version) => {
    const { status, output } = under(version)
    expect(status).toBe(1)
    expect(output).toContain(`This needs Node 24, and this is Node ${version}.`)
    expect(output).toContain('npm ci')
    expect(output).not.toContain('    at ')
  },
)

test.each(['24.0.0', '26.1.0'])('Node %s starts', (version) => {
  expect(under(version)).toEqual({ status: 0, output: '' })
})

test('every script that runs one of our files checks first', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
  const unchecked = Object.entries(scripts).filter(([, line]) =>
    /\bnode (?!--import \.\/functions\/need-node-24\.mjs )/.test(line),
  )
  expect(unchecked).toEqual([])
})
