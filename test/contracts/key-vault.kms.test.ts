import { kmsVault } from '#adapters/kms/key-vault.ts'
import { awsKms } from '#adapters/kms/kms.ts'
import type { TenantTag } from '#core/ids.ts'
import { northLake } from '#functions/seed/institutions.ts'
import { awsDoor } from '#test/deployed/aws/door.ts'
import { kmsStandIn } from '#test/deployed/aws/kms.ts'
import { certify } from '#test/deployed/certify.ts'
import { keyVaultContract } from './key-vault.ts'

const aliases = 'alias/academy-contract-'
const keys = 'arn:aws:kms:eu-west-1:111122223333:key/'

keyVaultContract('KMS', async () => {
  let made = 0
  const standIn = kmsStandIn((keyId) => (keyId.endsWith('/lost') ? undefined : keyId))
  const aws = await awsDoor({ services: [standIn.service] })
  const kms = awsKms({
    endpoint: aws.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  const publicKey = standIn.publicKey(`${aliases}${northLake.tag}`)
  const { chain, anchor } = await certify(northLake, publicKey, 'https://academy.example')
  const chains = new Map<TenantTag, string[]>([[northLake.tag, chain]])
  return {
    open: () => kmsVault({ kms, aliases, chains, anchors: [anchor] }),
    placeOfNext: () => `${keys}${made++}`,
    useless: `${keys}lost`,
    lost: `${keys}lost`,
    close: () => aws.close(),
  }
})
