import { Refusal } from '#core/refusal.ts'

/**
 * The no to an address that another account of the institution has: whoever reads that mailbox could collect the
 * other's credential with the code that is sent there.
 */
export const addressTaken = (): Refusal =>
  new Refusal('invalid_input', 'email: another account has this address.', { field: 'email' })

/** Whether it is this no. */
export const isAddressTaken = (error: unknown): boolean =>
  error instanceof Refusal && error.code === 'invalid_input' && error.field === 'email'
