import type { Hono } from 'hono'
import { type LambdaEvent, streamHandle } from 'hono/aws-lambda'
import type { AcademyEnv } from '#http/environment.ts'
import { flushed } from './lambda-entry.ts'
import { type Door, doorOf } from './lambda-handler.ts'
import { kept, type LambdaWorld, type sitesAsked } from './lambda-world.ts'

type Streamed = ReturnType<typeof streamHandle>

/** What Lambda's runtime client gives to functions of Node. */
declare const awslambda: { streamifyResponse: (handler: Streamed) => Streamed }

/** A door whose answers go out while they are made, behind a Function URL with `RESPONSE_STREAM`. */
export function streamingHandler(
  routes: (world: LambdaWorld) => Hono<AcademyEnv>,
  own?: typeof sitesAsked,
): Streamed {
  const open = kept((world) => doorOf(world, routes(world)), own)
  const respond = async (door: Door, event: LambdaEvent, out: never, context: never) => {
    await streamHandle(door.behind(event))(event, out, context)
  }
  return awslambda.streamifyResponse(flushed(open, respond) as Streamed)
}
