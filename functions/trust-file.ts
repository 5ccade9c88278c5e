import { readFileSync } from 'node:fs'
import { parse as parseYaml } from 'yaml'
import { Refusal } from '#core/refusal.ts'
import {
  emptyTrustRegister,
  parseTrustRegister,
  type TrustRegister,
} from '#core/verification/trust-register.ts'
import { BadSettings } from './settings.ts'

/** Foreign issuers out of `TRUST_FILE` (YAML or JSON); nobody when it is not set. */
export function readTrustFile(file: string | undefined): TrustRegister {
  if (file === undefined) return emptyTrustRegister
  try {
    return parseTrustRegister(parseYaml(readFileSync(file, 'utf8'), { maxAliasCount: 0 }))
  } catch (error) {
    const why = error instanceof Refusal ? error.message : 'the file cannot be read'
    throw new BadSettings([`TRUST_FILE: ${why}`])
  }
}
