/** Fuzzes the converters: converts files and writes the result, like `alexnet convert`. */
import fc, { type Arbitrary } from 'fast-check';
import { zipSync } from 'fflate';
import { readCaffeMean } from '../../src/weights/convert/caffe';
import { convert } from '../../src/weights/convert/convert';
import { readPyTorch } from '../../src/weights/convert/pytorch';
import { indexModule, writeSet } from '../../src/weights/save/write';
import { binaryproto, caffemodel } from '../support/caffemodel';
import { caffeWeights, fixture, partsOf } from '../support/convertedSet';
import { onnxModel } from '../support/onnxModel';
import { float32Bytes, safetensorsFile } from '../support/safetensors';
import { pickedFiles, tinyFacts, tinySet, tinyValues } from '../support/tinySet';
import { exportModel, type ExportOptions } from '../../src/weights/export/exportModel';
import { joined } from '../../src/weights/export/protobuf';
import { mutated, mutatedJSON, text } from './mutations';
import { torchLegacy, torchZip, type Pickled } from '../support/torchFiles';
import { Defect, type Reader, type Readers } from './reader';

const bytesOf = async (name: string): Promise<Uint8Array> => {
  const file = await fixture(name);
  return file.read(0, file.size);
};

/** Converts a file and checks the result. */
const converts = (name: string, input: Arbitrary<Uint8Array>): Reader => ({
  input,
  async read(bytes) {
    const sibling = async (other: string) => {
      if (/[/\\]|^\.*$/.test(other)) throw new Defect(`it opens ${other}`);
      return partsOf(other, bytes);
    };
    const { facts, tensors } = await convert({ ...partsOf(name, bytes), sibling });
    const { manifest } = await writeSet(facts, tensors, { compress: false });
    for (const { path } of manifest.shards)
      if (!/^shard-\d+-of-\d+\.bin$/.test(path)) throw new Defect(`it would write ${path}`);
    if (indexModule(manifest).split('*/').length !== 2)
      throw new Defect('its name would be run, as a part of index.js');
  },
});

/** Returns a header followed by bytes. */
function headed(json: string, data: Uint8Array): Uint8Array {
  const header = text(json);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return new Uint8Array(Buffer.concat([length, header, data]));
}

/** Pieces of pickles: opcodes with arguments. */
const OPCODES = [
  ...[
    '(',
    ')',
    ']',
    '}',
    't',
    '\x85',
    '\x86',
    '\x87',
    'a',
    'e',
    's',
    'u',
    'N',
    '\x88',
    'Q',
    'R',
    'b',
    '0',
    '\x94',
    'q\x00',
    'h\x00',
    'q\x01',
  ],
  ...[
    'K\x01',
    'K\x04',
    'J\xff\xff\xff\xff',
    '\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f',
    'G\x7f\xf0\0\0\0\0\0\0',
    '\x8c\x010',
    '\x8c\x07storage',
  ],
  ...[
    'X\x05\0\0\0state',
    'X\xff\xff\xff\x7f',
    'ctorch._utils\n_rebuild_tensor_v2\n',
    'ctorch._utils\n_rebuild_parameter\n',
    'j\xff\xff\xff\xff',
  ],
  ...[
    'ccollections\nOrderedDict\n',
    'ctorch\nFloatStorage\n',
    'ctorch\nSize\n',
    'cos\nsystem\n',
    '\x8c\x02os\x8c\x06system\x93',
    '\x95\0\0\0\0\0\0\0\0',
  ],
  ...[
    '\x81',
    '\x92',
    '\x8f',
    '\x90',
    '\x91',
    'd',
    'l',
    '1',
    '2',
    'h\x01',
    'U\x01a',
    'C\x02ab',
    'B\xff\xff\xff\x7f',
  ],
  ...[
    '\x8b\xff\xff\xff\x7f',
    'X\x11\0\0\0features.0.weight',
    'cargparse\nNamespace\n',
    'ccollections\ndefaultdict\n',
    'ctorch._tensor\n_rebuild_from_type_v2\n',
    '(U\x07storagectorch.cuda\nFloatStorage\nU\x010U\x03cpuK\x04tQ',
  ],
];
const latin = (characters: string) =>
  Uint8Array.from(characters, (character) => character.charCodeAt(0));
const opcodes = fc.array(fc.constantFrom(...OPCODES), { maxLength: 60 });
const pickle = opcodes.map((parts) =>
  zipSync(
    { 'a/data.pkl': latin(`\x80\x02}(${parts.join('')}u.`), 'a/data/0': new Uint8Array(64) },
    { level: 0 },
  ),
);
/** As PyTorch before 1.6 wrote: four pickles, then the storages. */
const legacyPickle = opcodes.map((parts) =>
  latin(
    `\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}.\x80\x02}(${parts.join('')}u.` +
      `\x80\x02]X\x01\0\0\x000a.\x04\0\0\0\0\0\0\0${'\0'.repeat(16)}`,
  ),
);

/** Checkpoints: other layers, batch normalization, a head, and values that are no tensors. */
async function checkpoints(): Promise<Uint8Array[]> {
  const file = await fixture('torchvision.pth');
  const read = [...(await readPyTorch(file))].map(
    async ([key, { shape, values }]): Promise<[string, Pickled]> => [
      key,
      { tensor: { shape, bytes: float32Bytes((await values()) as Float32Array) } },
    ],
  );
  const state = Object.fromEntries(await Promise.all(read));
  const vector = (size: number): Pickled => ({
    tensor: { shape: [size], bytes: float32Bytes(new Float32Array(size).fill(1)) },
  });
  const normed = Object.fromEntries(
    ['weight', 'bias', 'running_mean', 'running_var'].map((kind) => [
      `classifier.7.${kind}`,
      vector(5),
    ]),
  );
  const head: Pickled = { tensor: { shape: [2, 5], bytes: float32Bytes(new Float32Array(10)) } };
  const wrapped = Object.fromEntries(
    Object.entries(state).map(([key, value]) => [`model.${key}`, value]),
  );
  const { 'classifier.6.weight': last, ...rest } = state;
  const longer = { ...rest, 'classifier.6.0.weight': last!, 'classifier.6.2.weight': head };
  const args: Pickled = { opcodes: 'cargparse\nNamespace\n)\x81}b' };
  return [
    torchZip({ dict: { state_dict: { dict: { ...state, ...normed } }, args, epoch: 1 } }),
    torchZip({ dict: longer }),
    torchLegacy({ dict: { net: { dict: wrapped }, args } }),
    torchLegacy({ dict: state }, { old: true }),
  ];
}

const side = fc.oneof(fc.nat(12), fc.constantFrom(1e9, 2 ** 31, 2 ** 53));

const caffeLayers = Object.entries(caffeWeights()).map(([name, { kernel, bias }]) => ({
  name,
  blobs: [kernel, { shape: [bias.length], values: bias }],
}));

/** Networks with a few changed shapes, names or LRN options. */
const caffeNet = fc
  .tuple(
    fc.array(
      fc.record({ at: fc.nat(7), shape: fc.array(side, { maxLength: 5 }), count: fc.nat(20) }),
      { maxLength: 2 },
    ),
    fc.boolean(),
    fc.record({
      local_size: fc.nat(6),
      alpha: fc.float(),
      beta: fc.float(),
      k: fc.float(),
      norm_region: fc.nat(1),
    }),
  )
  .map(([changes, old, lrn_param]) => {
    const layers: (typeof caffeLayers)[number][] = [...caffeLayers];
    for (const { at, shape, count } of changes) {
      const blob = {
        shape: old ? shape.slice(0, 4).map((each) => Math.min(each, 2 ** 31 - 1)) : shape,
        values: new Float32Array(count),
      };
      layers[at] = { ...layers[at]!, blobs: [blob, layers[at]!.blobs[1]!] };
    }
    return Uint8Array.from(caffemodel([...layers, { name: 'norm1', lrn_param }], { old }));
  });

const name = fc.constantFrom('x', 'a', 'b', 'c', 'w', 'v', '', '__proto__');
const attribute = fc.record({
  name: fc.constantFrom(
    'strides',
    'pads',
    'group',
    'kernel_shape',
    'size',
    'ratio',
    'transB',
    'dilations',
    'ceil_mode',
    'auto_pad',
    'to',
    'epsilon',
  ),
  ints: fc.array(side, { maxLength: 4 }),
});
const node = fc.record({
  op: fc.constantFrom(
    'Conv',
    'Relu',
    'LRN',
    'MaxPool',
    'Identity',
    'Flatten',
    'Reshape',
    'Dropout',
    'Gemm',
    'MatMul',
    'Add',
    'Softmax',
    'Constant',
    'LogSoftmax',
    'Cast',
    'Shape',
    'Sub',
    'Div',
    'BatchNormalization',
    'DynamicQuantizeLinear',
  ),
  input: fc.array(name, { minLength: 1, maxLength: 3 }),
  output: name,
  attribute: fc.array(attribute, { maxLength: 3 }),
});
const tensor = fc.record({
  dims: fc.array(side, { maxLength: 5 }),
  values: fc.array(fc.float(), { maxLength: 30 }),
  external: fc.option(
    fc.record({
      location: fc.constantFrom('x.data', '../x', '/etc/passwd', '', '.'),
      offset: fc.constantFrom('0', '4', '-1', '1e9', 'x'),
    }),
    { nil: undefined, freq: 8 },
  ),
});
const graph = fc
  .record({
    nodes: fc.array(node, { minLength: 1, maxLength: 8 }),
    tensors: fc.dictionary(fc.constantFrom('w', 'v', 'b'), tensor),
    input: fc.oneof(fc.constant([1, 3, 8, 8]), fc.array(side, { maxLength: 5 })),
  })
  .map((parts) => onnxModel(parts));

/** Returns the tiny weights as exported by `exportModel`. */
async function exported(options: ExportOptions): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  await exportModel(
    pickedFiles(await tinySet()),
    (_, bytes) => void parts.push(bytes.slice()),
    options,
  );
  return joined(...parts);
}

export const thirdPartyWeights: Readers = {
  async safetensors() {
    const torch = await bytesOf('torchvision.safetensors');
    const tensors = Object.entries(tinyValues()).map(([key, values]): [string, Float32Array] => [
      key.replace('/', '.'),
      values,
    ]);
    const own = safetensorsFile(
      Object.fromEntries(
        tensors.map(([key, values]) => [
          key,
          { dtype: 'F32' as const, shape: [values.length], bytes: float32Bytes(values) },
        ]),
      ),
      { 'alexnet-ts': JSON.stringify(tinyFacts()) },
    );
    const parts = [torch, own].map((bytes) => {
      const end = 8 + Number(Buffer.from(bytes).readBigUInt64LE(0));
      return {
        header: JSON.parse(Buffer.from(bytes).toString('utf8', 8, end)) as Record<string, unknown>,
        data: bytes.subarray(end),
      };
    });
    const headers = fc
      .constantFrom(...parts)
      .chain(({ header, data }) => mutatedJSON([header]).map((json) => headed(json, data)));
    const facts = mutatedJSON([tinyFacts()]).map((json) => {
      const { header, data } = parts[1]!;
      return headed(JSON.stringify({ ...header, __metadata__: { 'alexnet-ts': json } }), data);
    });
    const turned = await exported({ format: 'safetensors', layout: 'pytorch' });
    return converts('some.safetensors', fc.oneof(headers, facts, mutated([torch, own, turned])));
  },
  async pth() {
    const files = [await bytesOf('torchvision.pth'), ...(await checkpoints())];
    return converts('some.pth', fc.oneof(pickle, legacyPickle, mutated(files)));
  },
  async caffemodel() {
    const files = [true, false].map((old) => Uint8Array.from(caffemodel(caffeLayers, { old })));
    return converts('some.caffemodel', fc.oneof(caffeNet, mutated(files)));
  },
  async onnx() {
    const files = await Promise.all(
      ['torchvision.onnx', 'zoo.onnx', 'torchscript.onnx'].map(bytesOf),
    );
    return converts(
      'some.onnx',
      fc.oneof(graph, mutated([...files, await exported({ format: 'onnx' })])),
    );
  },
  async 'mean.binaryproto'() {
    const shapes = fc.tuple(fc.array(side, { minLength: 3, maxLength: 4 }), fc.nat(30));
    const built = shapes.map(([shape, count]) =>
      Uint8Array.from(
        binaryproto(
          shape.map((each) => Math.min(each, 2 ** 31 - 1)),
          new Float32Array(count),
        ),
      ),
    );
    return {
      input: fc.oneof(
        built,
        mutated([Uint8Array.from(binaryproto([3, 4, 4], new Float32Array(48).fill(100)))]),
      ),
      read: (bytes) => readCaffeMean(partsOf('mean.binaryproto', bytes)),
    };
  },
};
