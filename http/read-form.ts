import type { Context } from 'hono'
import { Refusal } from '#core/refusal.ts'

type Form = Awaited<ReturnType<Context['req']['parseBody']>>

/** The fields of a form. Refuses `invalid_input` for a body that is none, whatever its type promised. */
export async function readForm(c: Context): Promise<Form> {
  try {
    return await c.req.parseBody()
  } catch (cause) {
    throw new Refusal('invalid_input', 'The form cannot be read.', { cause })
  }
}
