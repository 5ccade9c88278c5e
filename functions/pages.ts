import { lambdaHandler } from './lambda-handler.ts'

/** On Lambda: the pages, and everything no other function answers. */
export const handler = lambdaHandler()
