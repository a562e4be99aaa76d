/**
 * `npm run bench:previous -- <package.tgz>`: the last build against an earlier package, in one run
 * in a headless browser.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleScripts } from '../test/support/bundle.mjs';
import { benchFiles, openBrowser, openSide } from './browser.mjs';
import { visit } from './coldStart.mjs';
import { CASES, DEFAULT_CASES, EQUAL } from './inference.mjs';
import { serveBench } from './server.mjs';
import { difference, spread } from './statistics.mjs';

const USAGE = `npm run bench:previous -- [options] <package.tgz>

Measures the package of the last build and an earlier one (npm pack) in turn, with the same weights, and prints
the ratio of the medians for each case. Fails if their scores differ.

  --rounds <n>    of inference on WebAssembly (default 30); WebGL takes a quarter, first visits a fifth
  --only <parts>  ${[...DEFAULT_CASES, 'cold'].join(', ')} (commas; default all)
  --help`;

const root = fileURLToPath(new URL('..', import.meta.url));
const SIDES = ['alexnet-ts', 'previous'];

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '30' },
    only: { type: 'string', default: [...DEFAULT_CASES, 'cold'].join() },
    help: { type: 'boolean', default: false },
  },
});
if (options.help || positionals.length !== 1) {
  console.log(USAGE);
  process.exit(options.help ? 0 : 2);
}

const rounds = Number(options.rounds);
const files = { ...(await benchFiles()), ...(await previousFiles(positionals[0])) };
for (const part of options.only.split(',')) {
  const results = part === 'cold' ? await firstVisits() : await calls(part);
  for (const [what, times] of Object.entries(results)) print(what, times);
}

/** The page of the earlier package and the scripts that it starts, by path. */
async function previousFiles(tarball) {
  const folder = mkdtempSync(join(tmpdir(), 'alexnet-ts-previous-'));
  try {
    execFileSync('tar', ['-xzf', tarball, '-C', folder]);
    const dist = join(folder, 'package/dist');
    const scripts = await bundleScripts({
      entryPoints: { previous: 'bench/pages/ours.mjs' },
      outdir: 'previous/dist',
      alias: { 'alexnet-ts': join(dist, 'index.js') },
      nodePaths: [join(root, 'node_modules')],
      minify: true,
    });
    const threads = readdirSync(dist).filter((file) => /Thread\.js$/.test(file));
    return {
      ...scripts,
      ...Object.fromEntries(
        threads.map((file) => [`/previous/dist/${file}`, readFileSync(join(dist, file))]),
      ),
      '/bench/previous.html':
        '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="/previous/dist/previous.js"></script>',
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Returns the milliseconds of `classify()` by case, batch size and side. The page that was opened
 * first is up to 15 % slower, so each side is first in half of the rounds.
 */
async function calls(part) {
  const times = {};
  for (const names of [SIDES, SIDES.toReversed()]) await addCalls(part, names, times);
  return times;
}

/** Opens pages in the order of `names`, and adds the times of half of the rounds. */
async function addCalls(part, names, times) {
  const { backend, threads, batches, share } = CASES[part];
  const server = await serveBench({ files, isolated: threads > 1 });
  const browser = await openBrowser();
  try {
    const sides = [];
    for (const name of names)
      sides.push(
        await openSide(browser, server.address, name, {
          backend,
          threads,
          count: Math.max(...batches),
        }),
      );
    const [first, second] = await Promise.all(sides.map((side) => side.scores(batches[0])));
    const { relative } = difference(second, first);
    if (!(relative < EQUAL)) {
      const precisions = sides.map(({ name, facts }) => `${name}: ${facts.precision}`).join(', ');
      throw new Error(`${part}: scores differ by ${relative.toExponential(1)} (${precisions}).`);
    }
    for (let round = -1; round < Math.max(2, Math.round((rounds * share) / 2)); round++) {
      for (const batch of batches) {
        for (const side of round % 2 ? sides : sides.toReversed()) {
          await side.round(batch);
          await pause(100); // as between calls of an app
          const { call } = await side.round(batch);
          const key = `${part}, batch ${batch}`;
          times[key] ??= Object.fromEntries(SIDES.map((name) => [name, []]));
          if (round >= 0) times[key][side.name].push(call); // the first round is a warm-up
        }
      }
    }
  } finally {
    await browser.close();
    await server.close();
  }
}

/**
 * Milliseconds from opening the page to the first answer over a slow line, and bytes of the page's
 * process.
 */
async function firstVisits() {
  const times = Object.fromEntries(SIDES.map((name) => [name, []]));
  const memory = structuredClone(times);
  const sent = structuredClone(times);
  for (let round = 0; round < Math.max(2, Math.round(rounds / 5)); round++) {
    for (const name of round % 2 ? SIDES : SIDES.toReversed()) {
      const { answer, memory: peak, bytes } = await visit({ side: name }, { files });
      sent[name].push(bytes / 1e3);
      times[name].push(answer);
      memory[name].push(peak / 1e6);
    }
  }
  return { 'first visit': times, 'peak memory (MB)': memory, 'fetched (kB)': sent };
}

function print(what, times) {
  const [now, before] = SIDES.map((name) => spread(times[name]).median);
  const ratio = (now / before).toFixed(3);
  console.log(
    `${what.padEnd(22)}${now.toFixed(1).padStart(9)}${before.toFixed(1).padStart(9)}   ratio ${ratio}`,
  );
}
