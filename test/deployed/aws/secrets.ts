import * as z from 'zod'
import { AwsError, type AwsService, jsonService } from './door.ts'

/** The one call of Secrets Manager the functions make; `values` by address, which `addressOf` knows of a name, too. */
export function secretsStandIn(
  values: ReadonlyMap<string, string>,
  addressOf: (secretId: string) => string | undefined,
): AwsService {
  return jsonService('secretsmanager', 'secretsmanager', {
    GetSecretValue(input) {
      const { SecretId: asked } = z.object({ SecretId: z.string() }).parse(input)
      // A policy speaks of the address, whatever the secret was asked for by.
      const SecretId = addressOf(asked) ?? asked
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
