/** Runs a scenario in rounds: killed at a moment, or on a disk that is full from a moment on. */
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { root } from '../support/child';
import { sha256, type Scenario } from './scenarios';

interface Outcome {
  status: number | null;
  output: string;
  /** In ms. */
  time: number;
  /** From the first change in the folder, in ms. */
  writing: number;
}

/** The number of a file change, or the ms since the start or since the first change. */
export type Moment =
  | { kind: 'kill' | 'full'; change: number }
  | { kind: 'kill'; after: number; from: 'start' | 'first change' };

const FAULTS = join(root, 'test/crash/fileFaults.mjs');
/** Returns a generator of random numbers from 0 to 1: mulberry32. */
export const randomFrom = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};

/** A file of the user, which must stay unchanged. */
const THESIS = 'thesis.docx';

export class Rounds {
  readonly problems: string[] = [];
  /** The number of rounds that ended in each state. */
  readonly between = { old: 0, whole: 0, other: 0 };
  runs = 0;
  #folders = 0;
  #old = '';
  #whole = '';
  #names: readonly string[] = [];
  /** The number of file changes of an undisturbed run. */
  changes = 0;
  #usual!: Outcome;
  #before = '';

  private constructor(
    readonly scenario: Scenario,
    private readonly folder: string,
  ) {}

  /**
   * Runs the scenario undisturbed, to know its new state and how long it takes.
   *
   * @param twice also checks that a second run leaves the same state
   */
  static async start(scenario: Scenario, folder: string, twice = false): Promise<Rounds> {
    const rounds = new Rounds(scenario, await mkdtemp(join(folder, 'rounds-')));
    const out = await rounds.#folderBefore();
    rounds.#old = await scenario.state(out);
    const count = join(rounds.folder, 'count');
    const counted = await rounds.#run(out, {
      ...{ FAULT_KIND: 'count', FAULT_COUNT: count, FAULT_FOLDER: rounds.folder },
    });
    if (counted.status !== 0) throw new Error(`${scenario.name}: ${counted.output}`);
    rounds.changes = Number(await readFile(count, 'utf8'));
    rounds.#whole = await scenario.state(out);
    rounds.#names = await namesIn(out);
    rounds.#usual = counted;
    if (!twice) return rounds;
    const again = await rounds.#folderBefore();
    rounds.#usual = await rounds.#run(again);
    if ((await scenario.state(again)) !== rounds.#whole || /torn/.test(rounds.#whole))
      throw new Error(`${scenario.name}: two runs differ, or are not whole: ${rounds.#whole}`);
    return rounds;
  }

  /** Draws a moment uniformly from the whole run, or from the part that writes. */
  draw(random: () => number): Moment {
    const { time, writing } = this.#usual;
    return random() < 0.5
      ? { kind: 'kill', after: random() * time, from: 'start' }
      : { kind: 'kill', after: random() * writing, from: 'first change' };
  }

  /** Runs one round, then the same command without a fault. */
  async round(moment: Moment): Promise<void> {
    this.runs++;
    const { scenario } = this;
    const out = await this.#folderBefore();
    const faults =
      'change' in moment
        ? { FAULT_KIND: moment.kind, FAULT_AT: String(moment.change), FAULT_FOLDER: this.folder }
        : undefined;
    const { status, output } = await this.#run(out, faults, 'after' in moment ? moment : undefined);
    const told = (what: string) => {
      const outputs = output.trim().slice(-400);
      this.problems.push(`${scenario.name}, ${JSON.stringify(moment)}: ${what}\n${outputs}`);
    };
    const state = await scenario.state(out);
    const fits = (found: string) =>
      found === this.#old ||
      found === this.#whole ||
      (!found.includes('torn') && scenario.between?.(found, this.#old, this.#whole));
    this.between[state === this.#old ? 'old' : state === this.#whole ? 'whole' : 'other']++;
    if (!fits(state)) told(`neither old nor new: ${state}`);
    if ((await readFile(join(out, THESIS), 'utf8')) !== 'thesis') told('a file was lost');
    if (moment.kind === 'full') {
      if (status === 0 && state !== this.#whole) told('status 0');
      if (status !== 0) {
        // Programs print the stack of the error that they do not handle.
        const says = scenario.command(out)[0] === 'dist/cli.js' ? /^alexnet: /m : /Error: /;
        if (!says.test(output) || (says.source === '^alexnet: ' && / {4}at /.test(output)))
          told('no sentence');
        if (!/ENOSPC: no space left on device/.test(output)) told('no reason');
        if (!/Free some disk space|Pass another folder/.test(output)) told('no advice');
        if (!output.includes(out) && !output.includes(this.folder)) told('does not say where');
      }
      const left = (await namesIn(out)).filter(
        (name) =>
          !this.#names.includes(name) &&
          !scenario.resumes?.test(name) &&
          (/(^|\/)\./.test(name) || /\.(part|unfinished|lock)$/.test(name)),
      );
      if (left.length > 0) told(`left ${left.join(', ')}`);
    }
    // If the folder is unchanged, the next run would equal the undisturbed one.
    if ((await contentsOf(out)) === this.#before) return rm(out, { recursive: true });
    const again = await this.#run(out);
    if (again.status !== 0) told(`the next run fails: ${again.output.slice(-600)}`);
    const after = await scenario.state(out);
    if (after !== this.#whole && !(scenario.name.includes('--resume') && again.status === 0))
      told(`after the next run: ${after}`);
    const rest = (await namesIn(out)).filter(
      (name) => !this.#names.includes(name) && !/(^|\/)\.[^/]+\.part$|shard/.test(name),
    );
    if (rest.length > 0) told(`the next run leaves ${rest.join(', ')}`);
    await rm(out, { recursive: true });
  }

  /** Returns a new folder in the state before a run. */
  async #folderBefore(): Promise<string> {
    const before = join(this.folder, 'before');
    if (this.#folders++ === 0) {
      await mkdir(before);
      await this.scenario.prepare?.(before);
      await writeFile(join(before, THESIS), 'thesis');
      this.#before = await contentsOf(before);
    }
    const out = join(this.folder, `out-${this.#folders}`);
    await cp(before, out, { recursive: true, preserveTimestamps: true });
    return out;
  }

  #run(
    out: string,
    faults?: Record<string, string>,
    kill?: { after: number; from: 'start' | 'first change' },
  ): Promise<Outcome> {
    const { scenario } = this;
    const start = performance.now();
    const flags = faults ? ['--import', FAULTS] : [];
    const child = spawn(process.execPath, [...flags, ...scenario.command(out)], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      // fine-tune saves to a temporary folder if it cannot write to the chosen one.
      env: {
        ...process.env,
        ...{ NODE_OPTIONS: '', TMPDIR: dirname(this.folder) },
        ...scenario.env?.(out),
        ...faults,
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    let first: number | undefined;
    let timer: NodeJS.Timeout | undefined;
    const killLater = () => (timer = setTimeout(() => child.kill('SIGKILL'), kill!.after));
    const watcher = watch(out, { recursive: true }, () => {
      if (first === undefined && kill?.from === 'first change') killLater();
      first ??= performance.now();
    });
    if (kill?.from === 'start') killLater();
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status) => {
        clearTimeout(timer);
        watcher.close();
        const end = performance.now();
        resolve({ status, output, time: end - start, writing: end - (first ?? end) });
      });
    });
  }
}

const contentsOf = async (folder: string): Promise<string> => {
  const names = await namesIn(folder);
  const all = names.map(async (name) => `${name} ${sha256(await readFile(join(folder, name)))}`);
  return (await Promise.all(all)).join('\n');
};

const namesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name).slice(folder.length + 1))
    .sort();
