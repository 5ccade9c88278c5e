import type { TenantTag } from '#core/ids.ts'
import type { Institution } from '#core/institutions/institution.ts'

/** Three invented institutions of the local academy and the tests. None of them exists. */
export const northLake: Institution = {
  tag: 'k3vq7m2a' as TenantTag,
  slug: 'north-lake',
  name: { en: 'North Lake University (fictional)', fr: 'Université de North Lake (fictive)' },
  country: 'LU',
  legalIdentifier: 'VATLU-00000000',
  homepage: 'https://north-lake.example',
}

export const institutDuPort: Institution = {
  tag: 'p6xw4t5e' as TenantTag,
  slug: 'institut-du-port',
  name: { en: 'Institut du Port (fictional)', fr: 'Institut du Port (fictif)' },
  country: 'FR',
  legalIdentifier: 'VATFR-00000000000',
  homepage: 'https://institut-du-port.example',
}

export const mittelberg: Institution = {
  tag: 'h2zr5n7c' as TenantTag,
  slug: 'mittelberg',
  name: {
    en: 'Mittelberg Academy (fictional)',
    fr: 'Académie de Mittelberg (fictive)',
    de: 'Akademie Mittelberg (fiktiv)',
  },
  country: 'DE',
  legalIdentifier: 'VATDE-000000000',
  homepage: 'https://mittelberg.example',
}

export const demoInstitutions: readonly Institution[] = [northLake, institutDuPort, mittelberg]
