import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { S3Client } from '@aws-sdk/client-s3'
import { s3Files } from '#adapters/s3/files.ts'
import { awsDoor } from '#test/deployed/aws/door.ts'
import { s3StandIn } from '#test/deployed/aws/s3.ts'
import { filesContract } from './files.ts'

filesContract('S3', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'academy-s3-'))
  const aws = await awsDoor({ services: [s3StandIn(folder, (name) => `arn:aws:s3:::${name}`)] })
  const client = new S3Client({
    endpoint: aws.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  return {
    files: s3Files({ client, bucket: 'academy-files' }),
    async close() {
      client.destroy()
      await aws.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
})
