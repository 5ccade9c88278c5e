import * as z from 'zod'
import { AwsError, type AwsService, jsonService } from './door.ts'

/** The one call of Secrets Manager the functions make; `values` by address. */
export function secretsStandIn(values: ReadonlyMap<string, string>): AwsService {
  return jsonService('secretsmanager', 'secretsmanager', {
    GetSecretValue(input) {
      const { SecretId } = z.object({ SecretId: z.string() }).parse(input)
      return {
        needs: [{ action: 'secretsmanager:GetSecretValue', resource: SecretId }],
        answer() {
          const SecretString = values.get(SecretId)
          if (SecretString === undefined)
            throw new AwsError('ResourceNotFoundException', 'there is no such secret')
          return { ARN: SecretId, SecretString }
        },
      }
    },
  })
}
