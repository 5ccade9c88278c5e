import { S3Client } from '@aws-sdk/client-s3'
import type { Files } from '#core/ports.ts'
import { s3Files } from './files.ts'

/** The SDK behind `awsFiles`; loaded by it. */
export const bucketFiles = (bucket: string): Files => s3Files({ client: new S3Client({}), bucket })
