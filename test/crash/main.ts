/**
 * Kills every writing command at each of its file changes and at random moments, and runs it on a
 * disk that is full from each file change on:
 *
 *     node --import tsx test/crash/main.ts --rounds 200 --seed 1 [words of names]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Rounds, randomFrom } from './rounds';
import { scenarios } from './scenarios';

const { values, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: process.env.CRASH_ROUNDS ?? '200' },
    seed: { type: 'string', default: '2012' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  console.log(`node --import tsx test/crash/main.ts [options] [words]

Kills every writing command at each of its file changes and at random moments, and runs it on a
disk that is full from each file change on. Words select commands by name.

  --rounds <count>  random moments per command (default: 200)
  --seed <number>   the same seed draws the same moments (default: 2012)`);
  process.exit(0);
}
const random = randomFrom(Number(values.seed));
const folder = await mkdtemp(join(tmpdir(), 'alexnet-crash-'));
const { all, close } = await scenarios(folder);
let failures = 0;
try {
  for (const scenario of all) {
    if (words.length > 0 && !words.some((word) => scenario.name.includes(word))) continue;
    const start = performance.now();
    const rounds = await Rounds.start(scenario, folder, true);
    for (const kind of ['kill', 'full'] as const)
      for (let change = 1; change <= rounds.changes; change++) await rounds.round({ kind, change });
    for (let i = 0; i < Number(values.rounds); i++) await rounds.round(rounds.draw(random));
    const { runs, changes, problems, between } = rounds;
    failures += problems.length;
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    console.log(
      `${scenario.name}: ${runs} rounds (${changes} changes of files), ${seconds} s; found old ${between.old}, new ${between.whole}, in between ${between.other}; ${problems.length} problems`,
    );
    for (const problem of problems.slice(0, 10)) console.log(`  ${problem}`);
  }
} finally {
  await close();
  await rm(folder, { recursive: true });
}
process.exitCode = failures > 0 ? 1 : 0;
