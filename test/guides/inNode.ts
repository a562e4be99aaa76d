/** Executes the guides for Node, block by block, in the folder that node.md creates. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { binaryproto, caffemodel } from '../support/caffemodel';
import { root } from '../support/child';
import { caffeWeights } from '../support/convertedSet';
import { float32Bytes, safetensorsFile } from '../support/safetensors';
import { tinyFacts, tinyNetwork, tinyValues } from '../support/tinySet';
import type { Guide } from './guide';
import type { Folder } from './newcomer';

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** node.md: install, a program, many images, a server, CommonJS. */
export async function node(guide: Guide, project: Folder): Promise<void> {
  await project.put({
    'photo.jpg': 'examples/images/school-bus.jpg',
    'photos/lemon.jpg': 'examples/images/lemon.jpg',
  });
  await project.write('photos/notes.txt', 'no picture');
  await project.sh(guide.take('sh'));
  await project.write('what.js', guide.take('js what.js'));
  assert.equal(await project.sh(guide.take('sh')), guide.take('text'));

  const port = await freePort(); // the port of the guide may be in use
  const elsewhere = (text: string) => text.replaceAll('3000', String(port));
  await project.write(
    'what.js',
    (await project.read('what.js')) +
      guide.take('js what.js') +
      elsewhere(guide.take('js what.js')),
  );
  const server = await project.start('node what.js 2>&1', /notes\.txt.*must be an image/);
  assert.match(server.said(), /lemon\.jpg lemon/);
  try {
    await project.sh(
      elsewhere(
        'until curl --silent --output - http://localhost:3000 >/dev/null; do sleep 0.1; done',
      ),
    );
    const [best] = JSON.parse(await project.sh(elsewhere(guide.take('sh')))) as { label: string }[];
    assert.equal(best?.label, 'school bus');
    assert.match(
      await project.sh(
        elsewhere('curl --silent --data-binary @photos/notes.txt http://localhost:3000'),
      ),
      /must be an image, got bytes in no known format/,
    );
  } finally {
    await server.stop();
  }

  await project.write('what.cjs', guide.take('js what.cjs'));
  assert.equal(await project.sh('node what.cjs'), 'school bus\n');
}

/** evaluate-and-cli.md. */
export async function evaluate(guide: Guide, project: Folder): Promise<void> {
  await project.put({
    'val/goldfish/1.jpg': 'examples/images/jellyfish.jpg',
    'val/n07749582/1.jpg': 'examples/images/lemon.jpg',
    'val/n07749582/2.jpg': 'examples/images/orange.jpg',
  });
  assert.match(await project.sh(guide.take('sh')), /Usage: alexnet classify/);
  const classified = await project.sh(guide.take('sh'));
  assert.match(classified, /school bus .* \d\d\.\d %/);
  assert.match(classified, /"label": "lemon"/);
  assert.match(await project.sh(guide.take('sh')), /top-1 {2}33\.3 %[^]*"crops": "ten"/);
  const spread = guide.take('sh');
  assert.match(await project.sh(spread), /3 images, .* in 2 workers/);
  await project.sh(spread); // continues from the log
  assert.equal(
    (await project.read('answers.jsonl')).trim().split('\n').length,
    4,
    'a line about the log, and one for each picture',
  );

  await project.write('evaluate.js', guide.take('js evaluate.js'));
  assert.match(
    await project.sh('node evaluate.js'),
    /^top-1 33\.3 %, top-5 (33\.3|66\.7|100\.0) % of 3 images$/m, // depends on the weights
  );

  await pets(project);
  assert.match(await project.sh(guide.take('sh')), /"history"[^]*top-1/);
  const inspected = await project.sh(guide.take('sh'));
  assert.match(inspected, /conv1[^]*"/);
}

/** fine-tune.md up to its page. */
export async function fineTune(guide: Guide, project: Folder): Promise<void> {
  await pets(project);
  assert.match(await project.sh(guide.take('sh')), /cat[^]*(cat|dog) .*%/);
  await project.write('pets.js', guide.take('js pets.js'));
  assert.match(
    await project.sh('node pets.js'),
    /^1 \d\.\d+ [\d.]+\n[^]*^(cat|dog)$[^]*precision/m,
  );
  await project.write('later.js', guide.take('js later.js'));
  assert.equal(await project.sh('node later.js'), 'cat, dog\n');
}

/** fine-tune.md after its page. */
export async function changeLater(guide: Guide, project: Folder): Promise<void> {
  await project.write('pets.js', (await project.read('pets.js')) + guide.take('js pets.js'));
  assert.match(await project.sh('node pets.js'), /^cat, dog, bird → cat, bird$/m);
}

/** imagenet.md, with a narrow file in place of torchvision's. */
export async function imagenet(guide: Guide, project: Folder): Promise<void> {
  await project.put({ 'narrow.pth': 'test/fixtures/converters/torchvision.pth' });
  const sha256 = createHash('sha256')
    .update(await readFile(join(root, 'test/fixtures/converters/torchvision.pth')))
    .digest('hex');
  await project.write(
    'sources.json',
    JSON.stringify({ torchvision: { address: 'narrow.pth', sha256 } }),
  );
  const sh = (code: string) =>
    project.sh(`export ALEXNET_SOURCES=sources.json ALEXNET_CACHE=cache\n${code}`);
  assert.match(await sh(guide.take('sh')), /photo\.jpg[^]*%/);
  assert.match(await sh(guide.take('sh')), /public\/imagenet: model\.json and \d+ shards/);
  assert.match(await sh('npx alexnet inspect public/imagenet/model.json'), /^torchvision /);
  guide.leave('ts src/main.ts', 'it is a page of convert.md');
  guide.leave('ts src/own.ts', 'it needs a visitor with a file');
  guide.leave('http', "it is a server's configuration");
  guide.leave('sh', "it needs ImageNet's validation images");
}

/** convert.md up to its page, with narrow files of the same kinds. */
export async function convert(guide: Guide, project: Folder): Promise<void> {
  const fixtures = 'test/fixtures/converters';
  await project.put({
    'alexnet-owt-7be5be79.pth': `${fixtures}/torchvision.pth`,
    'bvlcalexnet-12.onnx': `${fixtures}/zoo.onnx`,
  });
  const layers = Object.entries(caffeWeights()).map(([name, { kernel, bias }]) => ({
    name,
    type: name.startsWith('fc') ? 'InnerProduct' : 'Convolution',
    blobs: [kernel, { shape: [bias.length], values: bias }],
  }));
  await project.write('bvlc_alexnet.caffemodel', caffemodel(layers));
  await project.write(
    'imagenet_mean.binaryproto',
    binaryproto([3, 1, 1], Float32Array.of(104, 117, 123)),
  );
  await project.write('synset_words.txt', LABELS);
  const printed = await project.sh(guide.take('sh'));
  assert.equal(printed.match(/OIHW → HWIO/g)?.length, 15, 'five convolutions of three files');
  assert.match(await project.sh(guide.take('sh')), /photo\.jpg[^]*%/);
}

/** convert.md after its page. */
export async function convertByHand(guide: Guide, project: Folder): Promise<void> {
  await project.write('convert.js', guide.take('js convert.js'));
  assert.equal((await project.sh('node convert.js')).match(/OIHW → HWIO/g)?.length, 5);
  assert.match(
    await project.sh('npx alexnet inspect by-hand/model.json --verify'),
    /SHA-256|verified|whole/i,
  );
}

/** export.md; src/weights/export tests the exported files in other libraries. */
export async function exports(guide: Guide, project: Folder): Promise<void> {
  await pets(project);
  await project.sh(guide.take('sh'));
  guide.leave('python', 'it needs ONNX Runtime');
  guide.leave('python', 'it needs PyTorch');
  guide.leave('text', 'it is the folder layout of Triton');
  guide.leave('text', "it is Triton's configuration");
  await project.sh(`mkdir -p models/pets\n${guide.take('sh')}`);
  assert.equal(await project.read('models/pets/labels.txt'), 'cat\ndog\n');
  guide.leave('ts graph.ts', 'its URL does not exist');
  guide.leave('ts src/main.ts', 'it needs a page that has saved a model');
}

/** own-weights.md up to the server. */
export async function ownWeights(guide: Guide, project: Folder): Promise<void> {
  guide.leave('sh', 'it installs PyTorch and runs test_recipe.py, a test of its own, for minutes');
  const recipe = guide.take('sh').split('\n');
  assert.deepEqual(
    recipe.map((line) => line.split(' ')[1]),
    ['teacher.py', 'train.py', 'compress.py', 'alexnet', undefined],
  );
  // The first three need PyTorch and images; the last gets their output for a tiny network.
  await project.write('compressed/weights.safetensors', tinySafetensors());
  assert.match(await project.sh(recipe[3]!), /conv1\/kernel/);

  await pets(project);
  await project.write('train.js', guide.take('js train.js'));
  assert.match(
    await project.sh('node train.js'),
    /^conv1 29 × 29 × 16 2368$[^]*^step 12 of 12: loss \d/m,
  );
  assert.match(await project.sh(guide.take('sh')), /conv1/);
}

const LABELS = `n01440764 tench, Tinca tinca
n01443537 goldfish, Carassius auratus
n01484850 great white shark
n01491361 tiger shark
n01494475 hammerhead
`;

/** Two classes, eight pictures each, three more for later. */
async function pets(project: Folder): Promise<void> {
  for (const [label, things] of [
    ['cat', 'mug'],
    ['dog', 'pawn'],
  ] as const) {
    await project.putClass(`pets/${label}`, things, 8);
    await project.put({ [`pets-test/${label}/1.jpg`]: `examples/things/try/${things}-1.jpg` });
  }
  await project.put({
    'birds/1.jpg': 'examples/things/try/die-1.jpg',
    'birds/2.jpg': 'examples/things/try/die-2.jpg',
  });
}

function tinySafetensors(): Uint8Array {
  const tensors = Object.entries(tinyNetwork().params()).map(([name, { shape }]) => [
    name.replace('/', '.'),
    { dtype: 'F32' as const, shape, bytes: float32Bytes(tinyValues()[name]!) },
  ]);
  return safetensorsFile(Object.fromEntries(tensors), {
    'alexnet-ts': JSON.stringify(tinyFacts('compressed')),
  });
}
