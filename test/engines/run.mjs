/** `npm run test:engines`: drives WebKitGTK and Firefox, and prints a table of counts. */
import { parseArgs } from 'node:util';
import { countChecks } from './checks.mjs';
import { openDisplay } from './display.mjs';
import { openFirefox } from './firefox.mjs';
import { testGallery } from './gallery.mjs';
import { testUnits } from './karma.mjs';
import { testLibrary, testThreads } from './library.mjs';
import { findPrograms } from './programs.mjs';
import { openWebKit } from './webkit.mjs';

const usage = `Usage: npm run test:engines -- [options]

Tests the last build in WebKitGTK (the engine of Safari) and Firefox, on a virtual screen.
On Debian and Ubuntu: apt-get install xvfb dbus webkit2gtk-driver libwebkit2gtk-4.1-0 libgl1-mesa-dri libegl1 firefox-esr

Options:
  --quick          only load, classify, teach, save and load
  --engine <name>  webkit or firefox (both otherwise)
  --part <name>    library, threads, gallery or units (can be repeated)
  --allow-missing  an engine that is not installed is no failure
  --help           print this text

Environment:
  FIREFOX_BIN      Firefox
  WEBKIT_BIN       the MiniBrowser of WebKitGTK
`;

const ENGINES = {
  // WebKitGTK has SharedArrayBuffer only if asked; Safari has it in isolated pages.
  webkit: { name: 'WebKitGTK', open: openWebKit, threads: { JSC_useSharedArrayBuffer: '1' } },
  firefox: { name: 'Firefox', open: openFirefox, threads: {} },
};

/** Each in a browser of its own. */
const PARTS = {
  library: { run: testLibrary, quick: true },
  threads: { run: testThreads, env: 'threads' },
  gallery: { run: testGallery },
  units: { run: testUnits, env: 'threads' },
};

const running = new Set();
async function end(code) {
  process.exitCode = code;
  await Promise.allSettled([...running].map((each) => each.close()));
  process.exit();
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void end(130));

await end(await main(process.argv.slice(2)));

async function main(args) {
  let values;
  try {
    const options = {
      quick: { type: 'boolean', default: false },
      engine: { type: 'string', multiple: true, default: Object.keys(ENGINES) },
      part: { type: 'string', multiple: true, default: Object.keys(PARTS) },
      'allow-missing': { type: 'boolean', default: false },
      help: { type: 'boolean' },
    };
    ({ values } = parseArgs({ args, options }));
    for (const [option, known] of [
      ['engine', ENGINES],
      ['part', PARTS],
    ])
      for (const name of values[option])
        if (!known[name])
          throw new Error(`--${option}: must be one of ${Object.keys(known)}, got ${name}`);
  } catch (error) {
    process.stderr.write(`${error.message}\n\n${usage}`);
    return 2;
  }
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }

  const rows = [];
  for (const key of values.engine) {
    const { missing } = findPrograms(key);
    if (missing.length > 0) rows.push({ engine: ENGINES[key].name, missing });
    else rows.push(...(await testEngine(key, values)));
  }
  report(rows);
  const failed = rows.some((row) => (row.missing ? !values['allow-missing'] : row.failed > 0));
  return failed ? 1 : 0;
}

/** Returns a row of counts for each part. */
async function testEngine(key, { quick, part }) {
  const { name, open, threads } = ENGINES[key];
  const rows = [];
  const parts = Object.entries(PARTS).filter(
    ([name, { quick: isQuick }]) => part.includes(name) && (!quick || isQuick),
  );
  for (const [title, { run, env }] of parts) {
    const { check, counts } = countChecks(name);
    let version = name;
    let driver;
    let display;
    try {
      display = await openDisplay();
      running.add(display);
      driver = await open(display.display, env ? threads : {});
      running.add(driver);
      version = driver.name;
      Object.assign(counts, (await run(driver, check, { quick })) ?? counts);
    } catch (error) {
      process.stdout.write(`✗ ${name}: ${title}\n    ${error.stack ?? error}\n`);
      counts.failed++;
    }
    for (const each of [driver, display].filter(Boolean)) {
      running.delete(each);
      await Promise.resolve(each.close()).catch(() => {});
    }
    rows.push({ engine: version, part: title, ...counts });
  }
  return rows;
}

function report(rows) {
  const cell = (value) => String(value).padStart(9);
  const line = (engine, part, ...counts) =>
    `${engine.padEnd(20)}${part.padEnd(9)}${counts.map(cell).join('')}\n`;
  process.stdout.write(`\n${line('engine', 'part', 'passed', 'failed', 'skipped')}`);
  for (const { engine, part, passed, failed, skipped, missing } of rows)
    process.stdout.write(
      missing
        ? `${engine.padEnd(20)}not tested: not installed: ${missing.join(', ')}\n`
        : line(engine, part, passed, failed, skipped),
    );
}
