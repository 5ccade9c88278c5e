import { statusListRoutes } from '#http/status-lists.ts'
import { lambdaHandler } from './lambda-handler.ts'

/** On Lambda: status lists, signed. */
export const handler = lambdaHandler(({ ports }) => statusListRoutes(ports))
