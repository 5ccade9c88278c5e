import { worldsOn } from './world-engine.ts'

// Files share a process (vitest.config.ts): what one of them chose for its worlds must not reach the next.
worldsOn(undefined)
