/** Runs checks one after another and counts them. */

/**
 * @callback Check
 * @param {string} title
 * @param {() => Promise<string | void>} work returns what to print in addition
 * @returns {Promise<void>}
 */

/**
 * @param {string} engine printed before each title
 * @returns {{ check: Check, counts: { passed: number, failed: number, skipped: number } }}
 */
export function countChecks(engine) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  return {
    counts,
    async check(title, work) {
      const start = performance.now();
      const seconds = () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
      try {
        const more = await work();
        counts.passed++;
        process.stdout.write(`✓ ${engine}: ${title} (${seconds()})${more ? `: ${more}` : ''}\n`);
      } catch (error) {
        counts.failed++;
        process.stdout.write(`✗ ${engine}: ${title} (${seconds()})\n    ${error.stack ?? error}\n`);
      }
    },
  };
}
