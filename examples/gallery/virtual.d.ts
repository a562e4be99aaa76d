/** What precacheList.mjs and things.mjs make at build time. */
declare module 'virtual:precache' {
  export const files: { url: string; revision: string }[];
  export const shards: { url: string; sha256: string }[];
}
declare module 'virtual:things' {
  /** Addresses of the training pictures, by class. */
  export const things: Readonly<Record<string, readonly string[]>>;
  /** Pictures that are in none of the classes' lists. */
  export const toTry: readonly { name: string; url: string }[];
}
