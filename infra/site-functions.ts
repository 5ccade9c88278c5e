import { ArnFormat, type Stack } from 'aws-cdk-lib'
import type { Deployment } from './deployment.ts'

/** The function that looks after a site, by its name: others ask it without its stack being there before theirs. */
export const pollerOf = ({ name }: Pick<Deployment, 'name'>, site: string): string => `${name}-poller-${site}`

/** Their addresses. */
export function pollerArns(stack: Stack, deployment: Deployment): string[] {
  return (deployment.sites ?? []).map(({ name }) =>
    stack.formatArn({
      service: 'lambda',
      resource: 'function',
      resourceName: pollerOf(deployment, name),
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
  )
}
