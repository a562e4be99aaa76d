/** `npm run fuzz`: fuzzes the readers of files for a given time and saves findings. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fuzz, line } from './fuzz';
import { readers } from './readers';

const usage = `Usage: npm run fuzz -- [options] [readers]

Gives the readers of files broken and hostile ones, and reports the first defect of each: another error than the library's own, a message that
is no sentence, more than a second or 256 MB, a prototype that was changed. The file that shows it is written into the folder.

Readers: ${Object.keys(readers).join(', ')} (default: all)

Options:
  --minutes <count>  for all of them together (5)
  --seed <number>    of the first files; printed with a defect (the time of day)
  --output <folder>  where files that show a defect are written (fuzz-findings)
  --replay <file>    reads one such file again, with the one reader that is named
  --help             this text
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1000) % 1e9) },
    output: { type: 'string', default: 'fuzz-findings' },
    replay: { type: 'string' },
    help: { type: 'boolean' },
  },
});

process.exitCode = await main();
process.exit(); // sharp's threads would keep the process alive

async function main(): Promise<number> {
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
  const unknown = positionals.find((name) => !Object.hasOwn(readers, name));
  const wrong =
    unknown !== undefined
      ? `There is no reader "${unknown}".`
      : !(minutes > 0) || !Number.isSafeInteger(seed)
        ? '--minutes is above 0, and --seed a whole number.'
        : values.replay !== undefined && positionals.length !== 1
          ? '--replay needs the name of one reader.'
          : undefined;
  if (wrong !== undefined || values.help) {
    console.log(wrong === undefined ? usage : `${wrong}\n\n${usage}`);
    return wrong === undefined ? 0 : 2;
  }
  const chosen = positionals.length > 0 ? positionals : Object.keys(readers);
  const replay =
    values.replay === undefined ? {} : { replay: new Uint8Array(await readFile(values.replay)) };
  let defects = 0;
  for (const reader of chosen) {
    const order = {
      reader,
      inputs: Infinity,
      seconds: (60 * minutes) / chosen.length,
      seed,
      quick: false,
      ...replay,
    };
    let told = 0;
    const { report, found } = await fuzz(order, ({ inputs }) => {
      if (process.stderr.isTTY && performance.now() - told > 500)
        process.stderr.write(`\r${reader}: ${inputs} files`);
      told = performance.now();
    });
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    console.log(line(report));
    if (!found) continue;
    defects++;
    console.log(`  DEFECT: ${found.problem}`);
    if (values.replay !== undefined) continue;
    await mkdir(values.output, { recursive: true });
    const path = join(values.output, `${reader.replaceAll(' ', '-')}-${found.seed}`);
    await writeFile(path, found.bytes);
    console.log(
      `  seed ${found.seed}${found.path && `, path ${found.path}`}; the file: ${path}. Again: npm run fuzz -- --replay ${path} "${reader}"`,
    );
  }
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(
    `${chosen.length} readers from seed ${seed}: ${defects} with a defect. The process took ${peak.toFixed(0)} MB at most.`,
  );
  return defects > 0 ? 1 : 0;
}
