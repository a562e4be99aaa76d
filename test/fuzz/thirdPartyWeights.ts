/** Fuzzes the converters: converts files and writes the result, like `alexnet convert`. */
import fc, { type Arbitrary } from 'fast-check';
import { zipSync } from 'fflate';
import { readCaffeMean } from '../../src/weights/convert/caffe';
import { convert } from '../../src/weights/convert/convert';
import { indexModule, writeSet } from '../../src/weights/save/write';
import { binaryproto, caffemodel } from '../support/caffemodel';
import { caffeWeights, fixture, partsOf } from '../support/convertedSet';
import { onnxModel } from '../support/onnxModel';
import { float32Bytes, safetensorsFile } from '../support/safetensors';
import { pickedFiles, tinyFacts, tinySet, tinyValues } from '../support/tinySet';
import { exportModel, type ExportOptions } from '../../src/weights/export/exportModel';
import { joined } from '../../src/weights/export/protobuf';
import { mutated, mutatedJSON, text } from './mutations';
import { Defect, type Reader, type Readers } from './reader';

const bytesOf = async (name: string): Promise<Uint8Array> => {
  const file = await fixture(name);
  return file.read(0, file.size);
};

/** Converts a file and checks the result. */
const converts = (name: string, input: Arbitrary<Uint8Array>): Reader => ({
  input,
  async read(bytes) {
    const { facts, tensors } = await convert(partsOf(name, bytes));
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
];
const latin = (characters: string) =>
  Uint8Array.from(characters, (character) => character.charCodeAt(0));
const pickle = fc
  .array(fc.constantFrom(...OPCODES), { maxLength: 60 })
  .map((parts) =>
    zipSync(
      { 'a/data.pkl': latin(`\x80\x02}(${parts.join('')}u.`), 'a/data/0': new Uint8Array(64) },
      { level: 0 },
    ),
  );

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
  ),
  input: fc.array(name, { minLength: 1, maxLength: 3 }),
  output: name,
  attribute: fc.array(attribute, { maxLength: 3 }),
});
const tensor = fc.record({
  dims: fc.array(side, { maxLength: 5 }),
  values: fc.array(fc.float(), { maxLength: 30 }),
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
    return converts('some.pth', fc.oneof(pickle, mutated([await bytesOf('torchvision.pth')])));
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
