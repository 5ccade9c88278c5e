import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AwsError, type AwsReply, type AwsService } from './door.ts'

const mostPerPage = 1000

/**
 * The few calls of S3 that the functions make, on a folder: put, get, delete, list of the second version. Keys
 * are kept as hexadecimal text, so that any key is a file. A bucket is there once its folder is.
 */
export function s3StandIn(folder: string, bucketArn: (name: string) => string): AwsService {
  return ({ method, path, query, headers, body }) => {
    if (headers['x-amz-target'] !== undefined || path.startsWith('/2015-03-31/')) return undefined
    const [, bucket = '', key] = /^\/([a-z0-9.-]+)(?:\/(.*))?$/s.exec(path) ?? []
    if (bucket === '') return undefined
    const own = join(folder, bucket)
    const file = join(own, Buffer.from(key ?? '').toString('hex'))
    const object = { resource: `${bucketArn(bucket)}/${key}` }
    const call = (action: string, resource: string, answer: () => AwsReply) => ({
      operation: action,
      needs: [{ action, resource }],
      answer,
      refuse: s3Error,
    })
    if (key === undefined || key === '') {
      if (method !== 'GET' || query.get('list-type') !== '2') return undefined
      return call('s3:ListBucket', bucketArn(bucket), () => list(own, query))
    }
    switch (method) {
      case 'PUT':
        return call('s3:PutObject', object.resource, () => {
          mkdirSync(own, { recursive: true })
          const type = String(headers['content-type'] ?? 'binary/octet-stream')
          writeFileSync(file, Buffer.concat([Buffer.from(`${type}\n`), body]))
          return { headers: { etag: `"${createHash('md5').update(body).digest('hex')}"` } }
        })
      case 'GET':
        return call('s3:GetObject', object.resource, () => {
          const stored = readStored(file)
          if (!stored) throw new AwsError('NoSuchKey', 'The specified key does not exist.', { status: 404 })
          const asked = query.get('response-content-disposition')
          return {
            headers: {
              'content-type': query.get('response-content-type') ?? stored.type,
              ...(asked === null ? {} : { 'content-disposition': asked }),
            },
            body: stored.bytes,
          }
        })
      case 'DELETE':
        return call('s3:DeleteObject', object.resource, () => {
          rmSync(file, { force: true })
          return { status: 204 }
        })
      default:
        return undefined
    }
  }
}

function readStored(file: string): { type: string; bytes: Buffer } | undefined {
  try {
    const stored = readFileSync(file)
    const end = stored.indexOf(10)
    return { type: stored.subarray(0, end).toString(), bytes: stored.subarray(end + 1) }
  } catch {
    return undefined
  }
}

function list(folder: string, query: URLSearchParams): AwsReply {
  const prefix = query.get('prefix') ?? ''
  const after = query.get('continuation-token') ?? ''
  const keys = keysIn(folder)
    .filter((key) => key.startsWith(prefix) && key > after)
    .sort()
  const page = keys.slice(0, mostPerPage)
  const more = keys.length > page.length
  const contents = page.map((key) => `<Contents><Key>${xml(key)}</Key></Contents>`).join('')
  const next = more ? `<NextContinuationToken>${xml(page.at(-1) ?? '')}</NextContinuationToken>` : ''
  return {
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0"?><ListBucketResult><IsTruncated>${more}</IsTruncated>${contents}${next}</ListBucketResult>`,
  }
}

function keysIn(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => Buffer.from(name, 'hex').toString())
  } catch {
    return []
  }
}

function s3Error({ code, message, status }: AwsError): AwsReply {
  return {
    status,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${xml(message)}</Message></Error>`,
  }
}

const xml = (text: string) => text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`)
