import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pemSealKey } from '#adapters/pem/seal-key.ts'
import { pemOfPkcs12 } from '#adapters/pkcs12/read-pkcs12.ts'
import type { SealKey } from '#core/edc/seal.ts'
import type { SealOptions } from '#core/edc/seal-credential.ts'
import { sealOptions } from './seal-options.ts'
import { BadSettings, type Settings } from './settings.ts'

/** The same on one's own server, which may hold keys of trust services beside those of the institutions. */
export function readSeals(settings: Settings['seal']): SealOptions {
  const { keysDir } = settings
  return { ...sealOptions(settings), ...(keysDir === undefined ? {} : { keys: sealKeysIn(keysDir) }) }
}

/**
 * Sealing keys by institution: `{slug}.pem`, or `{slug}.p12` with its password in `{slug}.password` beside it. A
 * file that cannot be used stops the start and is named.
 */
export function sealKeysIn(folder: string): Map<string, SealKey> {
  let names: string[]
  try {
    names = readdirSync(folder).filter((name) => /\.(pem|p12|pfx)$/.test(name))
  } catch {
    throw new BadSettings(['SEAL_KEYS_DIR: the folder cannot be read'])
  }
  const keys = new Map<string, SealKey>()
  const problems: string[] = []
  for (const name of names) {
    const slug = name.replace(/\.\w+$/, '')
    try {
      if (keys.has(slug)) throw new Error('is a second key of the same institution')
      keys.set(
        slug,
        pemSealKey(name.endsWith('.pem') ? textOf(folder, name) : openedPkcs12(folder, name, slug)),
      )
    } catch (error) {
      problems.push(`SEAL_KEYS_DIR: ${name} ${(error as Error).message}`)
    }
  }
  if (problems.length > 0) throw new BadSettings(problems)
  return keys
}

function textOf(folder: string, name: string): string {
  return readFileSync(join(folder, name), 'utf8')
}

function openedPkcs12(folder: string, name: string, slug: string): string {
  let password: string
  try {
    password = textOf(folder, `${slug}.password`).replace(/\r?\n$/, '')
  } catch {
    throw new Error(`needs its password in ${slug}.password beside it`)
  }
  return pemOfPkcs12(readFileSync(join(folder, name)), password)
}
