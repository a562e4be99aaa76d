/** `npm test`: runs all kinds of tests and prints a table of their counts. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import karma from 'karma';
import configure, { testFiles } from '../karma.conf.js';

/**
 * The kinds of tests. `run` resolves to counts; `files` lists the selected test files.
 */
const runners = [
  { name: 'karma', files: () => testFiles('browser'), run: runKarma },
  // By default, Node would run one file at a time on two cores.
  {
    name: 'node',
    files: () => testFiles('node'),
    run: () => runNode('node', Math.max(2, availableParallelism() - 1)),
  },
  // More pages at a time would be slow, and time out.
  { name: 'gallery', files: () => testFiles('gallery'), run: () => runNode('gallery', 2) },
];

const none = { passed: 0, failed: 0, skipped: 0 };

const usage = `Usage: npm test -- [options] [words]

Runs the tests: ${runners.map(({ name }) => name).join(', ')}. Words select files whose path contains one of them:
  npm test -- lrn conv2d

Options:
  --only <name>  only this kind of test (can be repeated)
  --long         more random cases, and the whole network in software WebGL: minutes
  --help         print this text

Environment:
  CHROME_BIN     the browser to use
  ALEXNET_TESTS  words, separated by commas
  KARMA_PORT     the first port to try (9876)
  ALEXNET_COLOR_SCHEME  dark: the gallery's tests open pages, and save .screenshots/, in dark mode
`;

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interrupted.abort());

process.exitCode = await main(process.argv.slice(2));

async function main(args) {
  const { only, words, long, help, problem } = readArguments(args);
  if (problem) {
    process.stderr.write(`${problem}\n\n${usage}`);
    return 2;
  }
  if (help) {
    process.stdout.write(usage);
    return 0;
  }
  if (words.length) process.env.ALEXNET_TESTS = words.join(',');
  if (long) process.env.ALEXNET_LONG = '1';

  const filtered = Boolean(process.env.ALEXNET_TESTS);
  const chosen = runners
    .filter(({ name }) => only.length === 0 || only.includes(name))
    .filter(({ files }) => !filtered || files?.().length > 0);
  if (chosen.length === 0) {
    process.stderr.write(`No test file has ${process.env.ALEXNET_TESTS} in its path.\n`);
    return 1;
  }

  const results = [];
  for (const { name, run } of chosen) {
    if (interrupted.signal.aborted) break;
    process.stdout.write(`\n── ${name} ──\n`);
    results.push({ name, ...(await timed(run)) });
  }
  report(results);
  if (interrupted.signal.aborted) return 130;
  return results.every(({ passed, failed }) => passed + failed > 0 && failed === 0) ? 0 : 1;
}

function readArguments(args) {
  try {
    const options = {
      only: { type: 'string', multiple: true, default: [] },
      long: { type: 'boolean' },
      help: { type: 'boolean' },
    };
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const unknown = values.only.find((name) => !runners.some((runner) => runner.name === name));
    if (unknown) return { problem: `--only: unknown kind of test "${unknown}".` };
    return { ...values, words: positionals };
  } catch (error) {
    return { problem: error.message };
  }
}

async function timed(run) {
  const start = performance.now();
  const counts = await run().catch((error) => {
    process.stderr.write(`${error.message}\n`);
    return { ...none, failed: 1 };
  });
  return { ...counts, seconds: (performance.now() - start) / 1000 };
}

function report(results) {
  process.stdout.write(
    `\n${'tests'.padEnd(8)}${['passed', 'failed', 'skipped', 'seconds'].map(cell).join('')}\n`,
  );
  for (const { name, passed, failed, skipped, seconds } of results) {
    process.stdout.write(
      `${name.padEnd(8)}${[passed, failed, skipped, seconds.toFixed(1)].map(cell).join('')}\n`,
    );
  }
  process.stdout.write('\n');
  for (const { name, passed, failed } of results) {
    if (passed + failed === 0)
      process.stdout.write(`${name} ran no tests, which counts as a failure.\n`);
  }
  for (const { name, passed, failed, skipped } of results) {
    process.stdout.write(
      `${name}: ${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}\n`,
    );
  }
}

function cell(value) {
  return String(value).padStart(9);
}

async function runKarma() {
  if (testFiles('browser').length === 0) return none;
  // Karma would `require` its configuration, which is an ES module.
  const options = { singleRun: true };
  configure({ set: (more) => Object.assign(options, more) });
  const config = await karma.config.parseConfig(null, options, {
    promiseConfig: true,
    throwErrors: true,
  });

  let { passed, failed, skipped } = none;
  const exitCode = await new Promise((resolve) => {
    const server = new karma.Server(config, resolve);
    server.on(
      'run_complete',
      (_browsers, results) => ({ success: passed, failed, skipped } = results),
    );
    server.start();
  });
  return { passed, failed: failed || (exitCode === 0 ? 0 : 1), skipped };
}

/**
 * Runs `parallel` test files at a time in Node's test runner, whose spec reporter ends with lines like
 * `ℹ pass 12`.
 */
async function runNode(kind, parallel) {
  const files = testFiles(kind);
  if (files.length === 0) return none;
  const { code, output } = await command(process.execPath, [
    '--import',
    'tsx',
    '--test',
    '--test-reporter=spec',
    `--test-concurrency=${parallel}`,
    ...files,
  ]);
  const count = (word) => Number(output.match(new RegExp(`^ℹ ${word} (\\d+)$`, 'm'))?.[1] ?? 0);
  const failed = count('fail') + count('cancelled');
  return {
    passed: count('pass'),
    failed: failed || (code === 0 ? 0 : 1),
    skipped: count('skipped') + count('todo'),
  };
}

/** Runs a program in the project root. Shows its output and returns it without colors. */
function command(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: new URL('..', import.meta.url),
      env: { ...process.env, ...(process.stdout.isTTY && { FORCE_COLOR: '1' }) },
      stdio: ['ignore', 'pipe', 'inherit'],
      signal: interrupted.signal,
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      process.stdout.write(text);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output: stripVTControlCharacters(output) }));
  });
}
