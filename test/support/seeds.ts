/** How often a test in the browser that draws its cases tries: `--long` (test/run.mjs) has it try more. */
const { config } = (globalThis as unknown as { __karma__: { config: { long?: boolean } } })
  .__karma__;

/** The seeds from 1 on: a few, or twenty in a long run. */
export const seeds = (few: number, many = 20): number[] =>
  Array.from({ length: config.long ? many : few }, (_, i) => i + 1);
