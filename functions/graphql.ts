import { lambdaHandler } from './lambda-handler.ts'

/** On Lambda: `/graphql`. */
export const handler = lambdaHandler()
