declare module '@digitalbazaar/bitstring' {
  export class Bitstring {
    constructor(options: { length: number } | { buffer: Uint8Array })
    set(index: number, on: boolean): void
    get(index: number): boolean
    /** gzip, then base64url, without the `u` of multibase. */
    encodeBits(): Promise<string>
    static decodeBits(options: { encoded: string }): Promise<Uint8Array>
  }
}
