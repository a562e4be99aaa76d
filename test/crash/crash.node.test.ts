/**
 * Kills commands and programs, and fills their disk, at a few moments: the files must be the old or
 * the new ones, complete. `test/crash/main.ts` does this at every file change.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Rounds, randomFrom } from './rounds';
import { scenarios, type Scenario } from './scenarios';

/** Rounds of each kind. */
const ROUNDS = Number(process.env.CRASH_ROUNDS ?? 1);

describe('killed processes and full disks', () => {
  let folder: string;
  let all: readonly Scenario[];
  let close: () => Promise<void>;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'alexnet-crash-'));
    ({ all, close } = await scenarios(folder));
  });
  after(async () => {
    await close();
    await rm(folder, { recursive: true });
  });

  for (const name of ['convert', 'classify with a named source', 'checkpoints in Node']) {
    it(`leave the old files or the new ones, complete: ${name}`, async () => {
      const random = randomFrom(2012);
      const rounds = await Rounds.start(
        all.find((each) => each.name === name)!,
        folder,
      );
      for (let i = 0; i < ROUNDS; i++) {
        for (const kind of ['kill', 'full'] as const)
          await rounds.round({ kind, change: 1 + Math.floor(random() * rounds.changes) });
        await rounds.round(rounds.draw(random));
      }
      assert.deepEqual(rounds.problems, []);
    });
  }
});
