import { walletRoutes } from '#http/wallet-routes.ts'
import { lambdaHandler } from './lambda-handler.ts'

/** On Lambda: what wallets ask for, and the documents of the issuers. */
export const handler = lambdaHandler(({ ports }) => walletRoutes(ports))
