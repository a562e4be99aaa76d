/** Seeds for tests with random cases; more with `--long` (test/run.mjs). */
const { config } = (globalThis as unknown as { __karma__: { config: { long?: boolean } } })
  .__karma__;

/** Returns seeds from 1: `few`, or `many` in a long run. */
export const seeds = (few: number, many = 20): number[] =>
  Array.from({ length: config.long ? many : few }, (_, i) => i + 1);
