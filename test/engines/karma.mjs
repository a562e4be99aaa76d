/** The Karma suite of layers, kernels and engines in an engine. */
import karma from 'karma';

/** Words of which one is in the path of each test file. */
const FILES = ['src/layers', 'src/kernels', 'src/engines', 'src/preprocessing'];

/**
 * @param {import('./driver.mjs').Driver} driver
 * @returns {Promise<{ passed: number, failed: number, skipped: number }>}
 */
export async function testUnits(driver) {
  process.env.ALEXNET_TESTS ||= FILES.join(',');
  const { configureFor } = await import('../../karma.conf.js');
  const options = { singleRun: true };
  configureFor(
    { name: driver.name, open: (url) => driver.open(url) },
    {
      set: (more) => Object.assign(options, more),
    },
  );
  const config = await karma.config.parseConfig(null, options, {
    promiseConfig: true,
    throwErrors: true,
  });
  let counts = { passed: 0, failed: 0, skipped: 0 };
  const exitCode = await new Promise((resolve) => {
    const server = new karma.Server(config, resolve);
    server.on('run_complete', (_browsers, { success, failed, skipped }) => {
      counts = { passed: success, failed, skipped };
    });
    server.start();
  });
  if (exitCode !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}
