/** Seeds for tests with random cases; more with `--long` (test/run.mjs). */
const { config } = (globalThis as unknown as { __karma__: { config: { long?: boolean } } })
  .__karma__;

/** Whether the run may take minutes longer. */
export const isLong = Boolean(config.long);

/** Returns seeds from 1: `few`, or `many` in a long run. */
export const seeds = (few: number, many = 20): number[] =>
  Array.from({ length: isLong ? many : few }, (_, i) => i + 1);
