/** Ratios of the measured times, and the tables that README.md and docs/performance.md show. */

/** The libraries compared with; the fastest counts. */
const PEERS = ['tfjs', 'ort float32', 'ort int8'];

const call = (results, key, batch, side) =>
  results.inference?.[key]?.batches[batch]?.[side]?.call.median;

/** Returns the time relative to the fastest of `peers`; undefined if either was not measured. */
function against(results, key, batch, peers) {
  const theirs = peers
    .map((side) => call(results, key, batch, side))
    .filter((time) => time !== undefined);
  const ours = call(results, key, batch, 'alexnet-ts');
  return ours !== undefined && theirs.length > 0 ? ours / Math.min(...theirs) : undefined;
}

/** Returns the time of a side for the converted set relative to onnxruntime-web. */
function converted(results, batch, side) {
  const [ours, theirs] = [side, 'ort converted int8'].map((name) =>
    call(results, 'converted', batch, name),
  );
  return ours && theirs ? ours / theirs : undefined;
}

function cold(results, what) {
  const { 'alexnet-ts': ours, 'tfjs uint8': theirs } = results.cold?.sides ?? {};
  return ours?.[what] && theirs?.[what] ? ours[what].median / theirs[what].median : undefined;
}

/** Returns alexnet-ts' values relative to the others, by goal; `top1-drop` is in points. */
export function ratiosOf(results) {
  const ratios = {
    'wasm-1t-b1-vs-tfjs': against(results, 'wasm-1t', 1, ['tfjs']),
    'wasm-1t-b1-vs-ort': against(results, 'wasm-1t', 1, ['ort float32', 'ort int8']),
    'wasm-2t-b1-vs-best': against(results, 'wasm-2t', 1, PEERS),
    'wasm-b8-vs-best': against(results, 'wasm-1t', 8, PEERS),
    'webgl-b1-vs-tfjs': against(results, 'webgl', 1, ['tfjs']),
    'converted-b1-vs-ort': converted(results, 1, 'converted'),
    'converted-b8-vs-ort': converted(results, 8, 'converted'),
    'converted-int8-b1-vs-ort': converted(results, 1, 'converted int8'),
    'converted-int8-b8-vs-ort': converted(results, 8, 'converted int8'),
    'memory-vs-tfjs': cold(results, 'memory'),
    'cold-vs-tfjs': cold(results, 'answer'),
    'bytes-vs-uint8': results.bytes && results.bytes.ours / results.bytes.uint8,
    'top1-drop': results.top1Drop,
  };
  return Object.fromEntries(Object.entries(ratios).filter(([, value]) => value !== undefined));
}

const milliseconds = (value) =>
  value === undefined
    ? ''
    : `${value < 1000 ? value.toPrecision(3) : Math.round(value).toLocaleString('en')} ms`;
const megabytes = (value) => (value === undefined ? '' : `${Math.round(value / 1e6)} MB`);
const ratio = (value) => (value === undefined ? '' : value.toFixed(2));

/** Rows: name, alexnet-ts, TensorFlow.js, the faster onnxruntime-web, ratio. */
function rowsOf(results) {
  const { ratios } = results;
  const timed = (what, key, batch, ...names) => {
    const by = results.inference?.[key]?.batches[batch];
    if (!by) return [];
    const ort = ['ort float32', 'ort int8']
      .filter((side) => by[side])
      .sort((a, b) => by[a].call.median - by[b].call.median)[0];
    const theirs = ort && `${milliseconds(by[ort].call.median)} (${ort.slice(4)})`;
    return [
      [
        what,
        milliseconds(by['alexnet-ts'].call.median),
        milliseconds(by.tfjs.call.median),
        theirs ?? '',
        names.map((name) => ratio(ratios[name])).join(' · '),
      ],
    ];
  };
  const visited = (what, key, show, name) => {
    const sides = results.cold?.sides;
    if (!sides) return [];
    return [
      [
        what,
        show(sides['alexnet-ts'][key]?.median),
        show(sides['tfjs uint8'][key]?.median),
        show(sides['ort int8']?.[key]?.median),
        ratio(ratios[name]),
      ],
    ];
  };
  return [
    ...timed('WASM, one thread', 'wasm-1t', 1, 'wasm-1t-b1-vs-tfjs', 'wasm-1t-b1-vs-ort'),
    ...timed('WASM, two threads', 'wasm-2t', 1, 'wasm-2t-b1-vs-best'),
    ...timed('WASM, one thread, batch of 8', 'wasm-1t', 8, 'wasm-b8-vs-best'),
    ...timed(`WebGL on ${renderer(results)}`, 'webgl', 1, 'webgl-b1-vs-tfjs'),
    ...visited(
      `first visit to first prediction, ${results.cold?.megabits} Mbit/s`,
      'answer',
      milliseconds,
      'cold-vs-tfjs',
    ),
    ...visited('peak memory of the page', 'memory', megabytes, 'memory-vs-tfjs'),
    ...(results.bytes
      ? [
          [
            'weights to download',
            megabytes(results.bytes.ours),
            megabytes(results.bytes.uint8),
            '',
            ratio(ratios['bytes-vs-uint8']),
          ],
        ]
      : []),
  ];
}

const renderer = (results) =>
  /SwiftShader/.test(results.inference?.webgl?.renderer)
    ? 'SwiftShader'
    : results.inference?.webgl?.renderer;

const lines = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);

/** Returns alexnet-ts' float32 times on WASM, by figure name, as text. */
export const float32Times = (results) =>
  Object.fromEntries(
    PRECISION_CASES.map(([, key, batch, name]) => [
      name,
      milliseconds(call(results, key, batch, 'alexnet-ts float32')),
    ]),
  );

const PRECISION_CASES = [
  ['one thread', 'wasm-1t', 1, 'bench.float32.oneThread'],
  ['two threads', 'wasm-2t', 1, 'bench.float32.twoThreads'],
  ['one thread, batch of 8', 'wasm-1t', 8, 'bench.float32.batch'],
];

/** The table of 8 bits and float32 in docs/performance.md, as Markdown. */
export function precisionTable(results) {
  const rows = PRECISION_CASES.map(([what, key, batch]) => {
    const [int8, float32] = ['alexnet-ts', 'alexnet-ts float32'].map((side) =>
      call(results, key, batch, side),
    );
    return [what, milliseconds(int8), milliseconds(float32), ratio(int8 / float32)];
  });
  return lines(['', '8 bits', 'float32', 'ratio'], rows).join('\n');
}

/** The table of the converted set in docs/performance.md, as Markdown. */
export function convertedTable(results) {
  const rows = [
    ['one image', 1],
    ['batch of 8', 8],
  ].map(([what, batch]) => {
    const sides = ['converted', 'converted int8', 'ort converted int8'];
    const times = sides.map((side) => milliseconds(call(results, 'converted', batch, side)));
    const ratios = sides.slice(0, 2).map((side) => ratio(converted(results, batch, side)));
    return [what, ...times, ratios.join(' · ')];
  });
  return lines(['', "`'auto'`", "`'int8'`", 'onnxruntime-web (int8)', 'ratios'], rows).join('\n');
}

/** The table of README.md, as Markdown. */
export function table(results) {
  const { machine, measured } = results;
  const head = ['', 'alexnet-ts', 'TensorFlow.js', 'onnxruntime-web', 'ratio'];
  return [
    `Measured on ${machine.cores} cores of an ${machine.cpu} in ${machine.browser}, ${measured}; medians of interleaved rounds (\`npm run bench\`). Ratios below 1 mean that alexnet-ts is faster or smaller.`,
    '',
    ...lines(head, rowsOf(results)),
  ].join('\n');
}

/** The table of throughput in docs/performance.md, as Markdown. */
export function throughputTable({
  throughput: { measured, folder, perPictureByBatch, bySize, byInput },
}) {
  const row = (by) => [
    Object.keys(by).join(', '),
    Object.values(by)
      .map(({ median }) => median.toPrecision(3))
      .join(', '),
  ];
  const [[batches, perPicture], [sizes, perSize], [inputs, perInput]] = [
    perPictureByBatch,
    bySize,
    byInput,
  ].map(row);
  return [
    `The same machine, WASM on one thread, ${measured}:`,
    '',
    '| | |',
    '| --- | --- |',
    `| a folder of ${folder.pictures.toLocaleString('en')} JPEGs of 160 × 160, batches of ${folder.batch} | ${folder.perSecond.toFixed(1)} images/s in the browser, ${folder.perSecondInNode.toFixed(1)} in Node |`,
    `| one image in a batch of ${batches} | ${perPicture} ms |`,
    `| one decoded image of ${sizes} pixels a side | ${perSize} ms |`,
    `| the network with random weights and an input of ${inputs} pixels a side | ${perInput} ms |`,
  ].join('\n');
}

/** Returns a line per measurement and library: the median and the range of the central 80 %. */
export const spreads = (results) =>
  Object.entries(results.inference ?? {}).flatMap(([key, { batches }]) =>
    Object.entries(batches).flatMap(([batch, sides]) =>
      Object.entries(sides).map(
        ([
          side,
          {
            call: { median, from, to, count },
          },
        ]) => {
          const [middle, low, high] = [median, from, to].map((time) => time.toFixed(1));
          return `${`${key}, batch ${batch}`.padEnd(19)}${side.padEnd(13)}${middle.padStart(8)} ms   (80 % within ${low} to ${high}, ${count} rounds)`;
        },
      ),
    ),
  );
