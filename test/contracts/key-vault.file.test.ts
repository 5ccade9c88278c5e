import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keyFolder } from '#adapters/file/key-folder.ts'
import { fileVault } from '#adapters/file/key-vault.ts'
import { institutDuPort, northLake } from '#functions/seed/institutions.ts'
import { keyVaultContract } from './key-vault.ts'

keyVaultContract('key files', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'academy-vault-'))
  return {
    open: () =>
      fileVault({
        keys: keyFolder(folder),
        publicUrl: 'https://academy.example',
        clock: { now: () => new Date() },
        findInstitution: async (tag) => [northLake, institutDuPort].find((one) => one.tag === tag),
      }),
    placeOfNext: () => undefined,
    useless: 'arn:aws:kms:eu-west-1:111122223333:key/elsewhere',
    lost: 'file',
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
})
