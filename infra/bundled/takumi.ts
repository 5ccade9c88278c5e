import { readFileSync } from 'node:fs'
import { initSync, Renderer } from '@takumi-rs/wasm'

// The painter for one kind of machine cannot be bundled here for another; WebAssembly runs on all of them.
initSync({ module: readFileSync(new URL('takumi.wasm', import.meta.url)) })

/** What stands for the package `@takumi-rs/core` in a bundle. */
export { Renderer }
