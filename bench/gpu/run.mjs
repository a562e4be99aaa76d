/** Runs the tests and the benchmark on a GPU, and writes results.json after each step. */
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { chromium } from 'playwright-core';
import { findBrowser } from '../../test/support/browser.mjs';

const USAGE = `node bench/gpu/run.mjs --out <folder> [options]

  --out <folder>        where to write results.json and the output of each step
  --renderer <name>     vulkan, gl, default or swiftshader (a rehearsal without a GPU)
                        (default: the first of vulkan, gl and default that is not software)
  --tests <words>       words that select test files, separated by commas
                        (default layers/,kernels/,engines/,model/recover)
  --rounds <n>          rounds of the benchmark (default 40)
  --minutes <n>         the longest time of a step (default 4)
  --help                print this text
`;

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values: given } = parseArgs({
  options: {
    out: { type: 'string' },
    renderer: { type: 'string' },
    tests: { type: 'string', default: 'layers/,kernels/,engines/,model/recover' },
    rounds: { type: 'string', default: '40' },
    minutes: { type: 'string', default: '4' },
    help: { type: 'boolean', default: false },
  },
});
if (given.help || !given.out) {
  process.stdout.write(USAGE);
  process.exit(given.help ? 0 : 2);
}

/** Runs in the page: what WebGL and WebGPU offer. */
async function graphics() {
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2');
  const named = gl?.getExtension('WEBGL_debug_renderer_info');
  const adapter = await navigator.gpu?.requestAdapter();
  const { vendor, architecture, description } = adapter?.info ?? {};
  return {
    webgl: gl && {
      renderer: gl.getParameter(named?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER),
      floatTextures: Boolean(gl.getExtension('EXT_color_buffer_float')),
      maxTextureSize: gl.getParameter(gl.MAX_TEXTURE_SIZE),
    },
    webgpu: adapter && { vendor, architecture, description, features: [...adapter.features] },
  };
}

async function tryRenderer(renderer) {
  const { path, args, env } = findBrowser(renderer);
  try {
    const browser = await chromium.launch({
      executablePath: path,
      args,
      env: { ...process.env, ...env },
    });
    try {
      const page = await browser.newPage();
      await page.route('**', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
      await page.goto('https://localhost/'); // WebGPU needs a secure context
      return { renderer, version: browser.version(), ...(await page.evaluate(graphics)) };
    } finally {
      await browser.close();
    }
  } catch (error) {
    return { renderer, error: error.message.split('\n')[0] };
  }
}

const isSoftware = ({ webgl }) => !webgl || /swiftshader|llvmpipe|software/i.test(webgl.renderer);
const results = { date: new Date().toISOString(), tried: [], steps: [] };
const save = () =>
  writeFile(join(given.out, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);

/** Runs a program; its output goes to a file, its exit status to the results. */
async function step(name, args, renderer) {
  const start = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ALEXNET_GPU: renderer },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // so that its browser ends with it
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
      process.stdout.write(text);
    });
  const timer = setTimeout(
    () => process.kill(-child.pid, 'SIGKILL'),
    60_000 * Number(given.minutes),
  );
  const status = await new Promise((resolve) =>
    child.on('close', (code, signal) => resolve(signal ?? code)),
  );
  clearTimeout(timer);
  const text = stripVTControlCharacters(output);
  await writeFile(join(given.out, `${name}.txt`), text);
  const seconds = Math.round((performance.now() - start) / 1000);
  results.steps.push({ name, status, seconds, end: text.trim().split('\n').slice(-12) });
  await save();
}

for (const renderer of given.renderer ? [given.renderer] : ['vulkan', 'gl', 'default'])
  results.tried.push(await tryRenderer(renderer));
const chosen = given.renderer ? results.tried[0] : results.tried.find((one) => !isSoftware(one));
await save();
if (!chosen?.webgl) {
  console.error(
    `gpu: no renderer works on this machine.\n${JSON.stringify(results.tried, null, 2)}`,
  );
  process.exit(1);
}
const { renderer, webgl, webgpu } = chosen;
console.log(
  `WebGL on ${webgl.renderer}; WebGPU ${webgpu ? `on ${webgpu.description || webgpu.vendor}` : 'is missing'}`,
);

await step('tests', ['test/run.mjs', '--only', 'karma', ...given.tests.split(',')], renderer);
const parts = ['webgl', 'webgl-b8', ...(webgpu ? ['webgpu'] : [])];
for (const part of parts)
  await step(
    part,
    ['bench/bench.mjs', '--gpu', '--only', part, '--rounds', given.rounds, '--top1-drop', '0'],
    renderer,
  );
results.bench = JSON.parse(await readFile(join(root, 'bench/results.json'), 'utf8'));
await save();
process.exitCode = results.steps.every(({ status }) => status === 0) ? 0 : 1;
