import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { editionNames, editions } from '#core/editions/editions.ts'
import type { Verdict } from './verify.ts'

/** Files of one run of the demo, by name. */
export type Kept = Map<string, Uint8Array>

/** Downloads every edition of an award as its learner does, at its stable address. */
export async function downloadEditions(url: string, token: string, awardId: string): Promise<Kept> {
  const kept: Kept = new Map()
  for (const edition of editionNames) {
    const { path, extension } = editions[edition]
    const answer = await fetch(`${url}/awards/${awardId}/${path}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    if (!answer.ok) throw new Error(`the edition ${edition} was answered with ${answer.status}`)
    kept.set(`${path.replace(/\.\w+$/, '')}.${extension}`, new Uint8Array(await answer.arrayBuffer()))
  }
  return kept
}

/** Verifies a file as anybody does: the file itself as the body, JSON as the answer. */
export async function verifyFile(url: string, bytes: Uint8Array): Promise<Verdict> {
  const answer = await fetch(`${url}/verify`, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/octet-stream' },
    body: new Uint8Array(bytes),
  })
  if (!answer.ok) throw new Error(`/verify answered ${answer.status}`)
  return (await answer.json()) as Verdict
}

/** Leaves every edition in a folder, with what an outside judge needs: the authority and its revocation lists. */
export async function keepFiles(
  folder: string,
  files: Kept,
  url: string,
  institution: string,
): Promise<void> {
  mkdirSync(folder, { recursive: true })
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes)
  for (const name of ['ca.pem', 'ca.crl', 'root.crl']) {
    const answer = await fetch(`${url}/institutions/${institution}/${name}`)
    if (!answer.ok) throw new Error(`${name} was answered with ${answer.status}`)
    writeFileSync(join(folder, name), new Uint8Array(await answer.arrayBuffer()))
  }
}
