/** Complete: options with their defaults filled in. */

/** As `Required`, which keeps `undefined` where an option may be given as undefined. */
export type Complete<Options> = { [Key in keyof Options]-?: Exclude<Options[Key], undefined> };
