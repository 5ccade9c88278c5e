import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parse as parseYaml } from 'yaml'
import * as z from 'zod'
import { Refusal } from '#core/refusal.ts'
import {
  emptyTrustRegister,
  parseTrustRegister,
  type TrustRegister,
} from '#core/verification/trust-register.ts'
import { BadSettings } from './settings.ts'

const zFiles = z.looseObject({ revocationListFiles: z.array(z.string().min(1)).max(100).default([]) })

/**
 * Foreign issuers out of `TRUST_FILE` (YAML or JSON); nobody when it is not set. Beside what the register holds
 * it may name `revocationListFiles`, as seen from its own folder.
 */
export function readTrustFile(file: string | undefined): TrustRegister {
  if (file === undefined) return emptyTrustRegister
  try {
    const input: unknown = parseYaml(readFileSync(file, 'utf8'), { maxAliasCount: 0 })
    return parseTrustRegister(withLists(input, dirname(file)))
  } catch (error) {
    const why = error instanceof Refusal ? error.message : 'the file cannot be read'
    throw new BadSettings([`TRUST_FILE: ${why}`])
  }
}

function withLists(input: unknown, folder: string): unknown {
  const read = zFiles.safeParse(input)
  if (!read.success) return input
  const { revocationListFiles, ...register } = read.data
  const inside = register['revocationLists']
  const lists = revocationListFiles.map((name) => readRevocationList(resolve(folder, name)))
  return lists.length === 0
    ? register
    : { ...register, revocationLists: [...(Array.isArray(inside) ? inside : []), ...lists] }
}

/** A list in PEM, or in DER as authorities publish them. */
export function readRevocationList(file: string): string {
  const bytes = readFileSync(file)
  return bytes.subarray(0, 5).toString('latin1') === '-----'
    ? bytes.toString('latin1')
    : bytes.toString('base64')
}
