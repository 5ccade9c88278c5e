declare module 'shacl-engine' {
  import type { Store } from 'n3'

  export class Validator {
    constructor(shapes: Store, options: { factory: unknown })
    validate(data: { dataset: Store }): Promise<{
      conforms: boolean
      results: {
        path?: { predicates?: { value: string }[] }[]
        focusNode?: { term?: { value: string } }
        constraintComponent?: { value: string }
        shape?: { ptr?: { term?: { value: string } } }
      }[]
    }>
  }
}
