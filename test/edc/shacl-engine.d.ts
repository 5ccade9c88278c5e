declare module 'shacl-engine' {
  import type { DatasetCore } from '@rdfjs/types'

  export class Validator {
    constructor(shapes: DatasetCore, options: { factory: unknown })
    validate(data: { dataset: DatasetCore }): Promise<{
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
