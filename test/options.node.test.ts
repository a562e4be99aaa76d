/**
 * Every option of the public API, found by its type, refuses what its type does not accept, and no
 * value of any type causes an error other than the library's own.
 */
import { tensor3d, type Tensor3D } from '@tensorflow/tfjs-core';
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { caffeNet } from '../src/alexnet';
import { AlexNetError, OptionsError } from '../src/errors';
import { conv2d } from '../src/layers/conv2d';
import { dense } from '../src/layers/dense';
import { dropout } from '../src/layers/dropout';
import { lrn } from '../src/layers/lrn';
import { maxPool } from '../src/layers/maxPool';
import { sequential } from '../src/layers/sequential';
import { create, load } from '../src/model/load';
import type { Model } from '../src/model/model';
import type { TunedModel } from '../src/model/tunedModel';
import { isPlain } from '../src/platform/typeGuards';
import { ensemble } from '../src/prediction/ensemble';
import { knn, type Knn } from '../src/prediction/knn';
import { datasetFromFiles } from '../src/training/dataset/datasets';
import { toDataset } from '../src/training/dataset/dataset';
import { imageData } from '../src/training/dataset/imageData';
import { evaluate } from '../src/training/evaluate';
import { plateau } from '../src/training/loop/schedule';
import { train } from '../src/training/train';
import { convert } from '../src/weights/convert/convert';
import { exportModel } from '../src/weights/export/exportModel';
import { streamSet, writeSet } from '../src/weights/save/write';
import { formula } from './support/formula';
import { pickedFiles, tinyFacts, tinyNetwork, tinySet, tinyTensors } from './support/tinySet';

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const picture = (i = 0): Tensor3D =>
  tensor3d(formula(`options ${i}`, 20 * 18 * 3, 128, 128), [20, 18, 3]);

/** The file that replaces another in Node's bundle. */
let inNode: typeof import('../src/training/dataset/datasetFromFolder');
let folder: string;
let files: File[];
let model: Model;
let tuned: TunedModel;
let near: Knn;
const pictures = () => ({ a: [picture(0), picture(1)], b: [picture(2), picture(3)] });
const safetensors = {
  name: 'x.safetensors',
  size: 0,
  read: async () => new Uint8Array(),
};
const noCheckpoint = { load: async () => undefined, save: async () => {}, remove: async () => {} };
/** Runs one step, then ends the run. */
async function firstStep(steps: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of steps) break;
}

/**
 * Every public call with options, by the name of the options' type: the call, the options that it
 * needs, and their name if they are part of another call's options.
 */
const CALLS: Record<
  string,
  { call: (options: never) => unknown; required?: object; nested?: string }
> = {
  LoadOptions: {
    call: (o: object | undefined) => load(isPlain(o) ? { weights: files, ...o } : (o as never)),
    required: { backend: 'cpu' },
  },
  Retries: { call: (o) => load({ weights: files, backend: 'cpu', retries: o }), nested: 'retries' },
  ConvertSettings: {
    call: (o) => load({ weights: files, backend: 'cpu', convert: o }),
    nested: 'convert',
  },
  DatasetOptions: { call: (o) => toDataset(pictures(), o) },
  AlexNetOptions: { call: (o) => caffeNet(10, o) },
  CreateOptions: { call: (o) => create(tinyNetwork(), o), required: { backend: 'cpu' } },
  ClassifyOptions: { call: (o) => model.classify(picture(), o) },
  EmbedOptions: { call: (o) => model.embed(picture(), o), required: { layer: 'pool1' } },
  ActivationOptions: { call: (o) => model.activations(picture(), 'conv1', o) },
  PreprocessOptions: { call: (o) => tuned.preprocess(picture(), o) },
  FineTuneOptions: {
    call: (o) => firstStep(model.fineTune(pictures(), o)),
    required: { epochs: 1 },
  },
  AugmentOptions: {
    call: (o) => firstStep(model.fineTune(pictures(), { augment: o })),
    nested: 'augment',
  },
  'FineTuneOptions.earlyStopping': {
    call: (o) => firstStep(model.fineTune(pictures(), { epochs: 1, earlyStopping: o })),
    required: { patience: 2 },
    nested: 'earlyStopping',
  },
  AddClassOptions: { call: (o) => tuned.addClass('c', [picture(4)], o) },
  EvaluateOptions: { call: (o) => evaluate(tuned, pictures(), o) },
  Preprocessing: {
    call: (o) => create(tinyNetwork(), { backend: 'cpu', preprocessing: o }),
    required: tinyFacts().preprocessing,
    nested: 'preprocessing',
  },
  'Conv2dOptions.pad': { call: (o) => conv2d({ filters: 4, size: 3, pad: o }), nested: 'pad' },
  'TrainOptions.checkpoint': {
    call: (o) => trainOnce({ epochs: 1, checkpoint: o }),
    required: { store: noCheckpoint },
    nested: 'checkpoint',
  },
  SaveOptions: {
    call: (o) => tuned.save({ save: async () => ({ modelArtifactsInfo: {} }) } as never, o),
  },
  KnnOptions: { call: (o) => knn(model, o), required: { layer: 'pool1' } },
  'Knn.add()': { call: (o) => near.add('c', picture(), o) },
  'Knn.classify()': { call: (o) => near.classify(picture(), o) },
  'Ensemble.classify()': { call: (o) => ensemble([model]).classify(picture(), o) },
  FilesOptions: { call: (o) => datasetFromFiles([], o).catch(unlessEmpty) },
  'datasetFromFolder()': { call: (o) => inNode.datasetFromFolder(folder, o).catch(unlessEmpty) },
  TrainOptions: { call: (o) => trainOnce(o), required: { epochs: 1 } },
  PlateauOptions: { call: (o) => plateau(o) },
  ImageDataOptions: {
    call: (o) => imageData({ ant: [picture()], bee: [picture(1)] }, model, o),
  },
  SequentialOptions: { call: (o) => sequential({ fc: dense({ units: 2 }) }, o) },
  Conv2dOptions: { call: (o) => conv2d(o), required: { filters: 4, size: 3 } },
  DenseOptions: { call: (o) => dense(o), required: { units: 4 } },
  DropoutOptions: { call: (o) => dropout(o) },
  LrnOptions: { call: (o) => lrn(o) },
  MaxPoolOptions: { call: (o) => maxPool(o), required: { size: 3 } },
  ConvertOptions: { call: (o) => convert(safetensors, o) },
  ExportOptions: {
    call: (o) => exportModel(files, () => {}, o),
    required: { format: 'safetensors' },
  },
  WriteOptions: { call: (o) => writeSet(tinyFacts(), tinyTensors(), o) },
  'streamSet()': { call: (o) => streamSet(tinyFacts(), tinyTensors(), () => {}, o) },
};

/** An error about the empty dataset means that the options were accepted. */
function unlessEmpty(error: unknown): void {
  if (
    !/(class|image|folder)/.test(String(error)) ||
    /options|must be (a function|an AbortSignal|')/.test(String(error))
  )
    throw error;
}

async function trainOnce(options: object): Promise<void> {
  const made = await create(tinyNetwork(), { backend: 'cpu' });
  try {
    const data = await imageData({ 'class 0': [picture()], 'class 1': [picture(1)] }, made);
    await firstStep(train(made, data, options as never));
  } finally {
    made.dispose();
  }
}

const many = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`${i}`.repeat(900), i]));
/** Values, each with its type in TypeScript. */
const VALUES: [type: string, value: unknown][] = [
  ['null', null],
  ['boolean', true],
  ['number', -1],
  ['number', 0],
  ['number', 1.5],
  ['number', 2 ** 32],
  ['number', 1e300],
  ['number', NaN],
  ['number', Infinity],
  ['bigint', 10n],
  ['"odd"', 'odd'],
  ['"much too long"', 'x'.repeat(5000)],
  ['symbol', Symbol('x'.repeat(5000))],
  ['readonly [1]', [1]],
  ['readonly [null]', [null]],
  ['Map<1, 1>', new Map()],
  ['Date', new Date()],
  ['{ readonly odd: 1 }', { odd: 1 }],
  ['{}', {}],
  ['Long', many],
  ['() => 1', () => 1],
  ['Blob', new Blob()],
];

/**
 * Objects that public calls accept and that are not options: models, images, datasets, reports and
 * the contents of files. The test fails for a parameter or option whose type is in neither table.
 */
const DATA = new Set([
  ...['Model', 'ClassifyingModel', 'TrainableModel', 'Embedder', 'Origin', 'Sequential'],
  ...['Dataset', 'TrainingData', 'Pixels', 'View', 'Color', 'PrincipalColors', 'Augmentation'],
  ...['StepReport', 'EpochReport', 'Metrics', 'Schedule', 'imageData()'],
  ...['WeightSet', 'FileParts', 'ConvertedTensor', 'Manifest', 'ManifestFacts', 'LayerJSON'],
  ...['BaseReference', 'TuningRecord', 'TuningRecipe', 'CheckpointStore'],
]);

interface Option {
  name: string;
  accepts: boolean[];
  isNumber: boolean;
}

/** The options of each type, with whether TypeScript accepts each of VALUES for them. */
function optionTypes(): Map<string, Option[]> {
  const entries = [
    'src/index.ts',
    'src/worker/index.ts',
    'src/layers/index.ts',
    'src/training/index.ts',
  ];
  const roots = [...entries, 'src/weights/convert/index.ts', 'src/training/dataset/checkImages.ts'];
  const virtual = at('test/options.virtual.ts');
  const text = `interface Long { ${Object.keys(many)
    .map((key) => `readonly "${key}": number`)
    .join(';')} }
    ${VALUES.map(([type], i) => `export declare const v${i}: ${type};`).join('\n')}`;
  const { config } = ts.readConfigFile(at('tsconfig.json'), ts.sys.readFile) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, at('.'));
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (path) => path === virtual || fileExists(path);
  host.getSourceFile = (path, ...rest) =>
    path === virtual
      ? ts.createSourceFile(path, text, ts.ScriptTarget.ES2022)
      : getSourceFile(path, ...rest);
  const program = ts.createProgram([...roots.map(at), virtual], options, host);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(virtual)!;
  const types = checker
    .getExportsOfModule(checker.getSymbolAtLocation(source)!)
    .filter(({ name }) => /^v\d/.test(name))
    .map((symbol) => checker.getTypeOfSymbol(symbol));
  assert.equal(types.length, VALUES.length);

  const found = new Map<string, Option[]>();
  const add = (type: ts.Type, label: string) => {
    if (found.has(label)) return;
    const properties = checker.getPropertiesOfType(type).map((property): Option => {
      const declared = checker.getTypeOfSymbol(property);
      return {
        name: property.name,
        accepts: types.map((value) => checker.isTypeAssignableTo(value, declared)),
        isNumber: checker.isTypeAssignableTo(checker.getNumberType(), declared),
      };
    });
    found.set(label, properties);
    for (const property of checker.getPropertiesOfType(type))
      collect(checker.getTypeOfSymbol(property), `${label}.${property.name}`);
  };
  /** Whether a type is an object literal that a caller writes, with a member of this project. */
  const isLiteral = (type: ts.Type) =>
    (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) !== 0 &&
    !type.isClass() &&
    type.getCallSignatures().length === 0 &&
    checker.getIndexInfosOfType(type).length === 0 &&
    checker
      .getPropertiesOfType(type)
      .some(({ declarations }) =>
        declarations?.some((each) => each.getSourceFile().fileName.includes('/src/')),
      );
  /** Adds the object literals in a union. Unnamed ones get the name of their parameter or option. */
  const collect = (type: ts.Type, where: string) => {
    for (const part of type.isUnion() ? type.types : [type]) {
      if (!isLiteral(part)) continue;
      const name = (part.aliasSymbol ?? part.symbol)?.name ?? '';
      const label = /^(__type|__object|Partial|)$/.test(name) ? where : name;
      if (!DATA.has(label)) add(part, label);
    }
  };
  const callable = (type: ts.Type, name: string) => {
    for (const signature of [...type.getCallSignatures(), ...type.getConstructSignatures()])
      for (const parameter of signature.parameters)
        collect(checker.getTypeOfSymbol(parameter), `${name}()`);
  };
  for (const root of roots) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(at(root))!)!;
    for (const exported of checker.getExportsOfModule(module)) {
      const symbol =
        exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      if (symbol.flags & ts.SymbolFlags.Class) {
        const type = checker.getDeclaredTypeOfSymbol(symbol);
        for (const member of checker.getPropertiesOfType(type)) {
          const declared = member.valueDeclaration;
          const tags = declared ? ts.getJSDocTags(declared) : [];
          if (!tags.some(({ tagName }) => tagName.text === 'internal') && !/^__#/.test(member.name))
            callable(
              checker.getTypeOfSymbol(member),
              /Model$/.test(symbol.name) ? member.name : `${symbol.name}.${member.name}`,
            );
        }
      } else if (symbol.valueDeclaration) callable(checker.getTypeOfSymbol(symbol), exported.name);
    }
  }
  return found;
}

/** Calls with options, for at most 2 s. Returns the error that it throws, or undefined. */
async function outcome(call: (options: never) => unknown, options: unknown): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('takes longer than 2 s')), 2000);
  });
  try {
    await Promise.race([(async () => call(options as never))(), late]);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    clearTimeout(timer);
  }
}

const shown = (value: unknown) =>
  typeof value === 'object' ? `a ${value?.constructor.name}` : String(value).slice(0, 20);

describe('options', () => {
  const types = optionTypes();

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'alexnet-options-'));
    inNode = (await import(at('src/training/dataset/datasetFromFolder.node.ts'))) as typeof inNode;
    files = pickedFiles(await tinySet());
    model = await load({ weights: files, backend: 'cpu' });
    tuned = await model.fineTune(pictures(), { epochs: 1 });
    near = knn(model, { layer: 'pool1' });
    await near.add('a', picture());
  });
  after(async () => {
    tuned.dispose();
    model.dispose();
    await rm(folder, { recursive: true });
  });

  it('are all tested: the table has a call for each type of options of the public API', () => {
    const missing = [...types.keys()].filter((name) => !CALLS[name]);
    assert.deepEqual(missing, []);
    assert.ok(types.size >= 20, `${types.size}`);
  });

  for (const [name, { call, required, nested }] of Object.entries(CALLS)) {
    it(`${name}: each option refuses what its type does not accept, in at most 500 characters`, async () => {
      const wrong: string[] = [];
      const judge = (what: string, error: unknown, mustRefuse: boolean) => {
        if (
          error === undefined
            ? !mustRefuse
            : error instanceof OptionsError && error.message.length <= 500
        )
          return;
        if (error instanceof AlexNetError && !mustRefuse && error.message.length <= 500) return;
        wrong.push(`${what}: ${error === undefined ? 'accepted' : String(error).slice(0, 300)}`);
      };
      const options = types.get(name) ?? types.get(typeOf[name] ?? '') ?? [];
      assert.ok(options.length > 0);
      for (const option of options) {
        for (const [i, [, value]] of VALUES.entries()) {
          // TypeScript cannot tell for the labels of a generic type.
          const generic = option.name === 'classWeights' && VALUES[i]![0] === '{}';
          const mustRefuse =
            !(option.accepts[i] || generic) || (option.isNumber && Number.isNaN(value));
          const error = await outcome(call, { ...required, [option.name]: value });
          judge(`${option.name}: ${shown(value)}`, error, mustRefuse);
        }
      }
      judge('an unknown option', await outcome(call, { ...required, unknownOption: 1 }), true);
      for (const value of [null, true, 5n, [], Symbol('odd'), new Map(), () => 1, new Blob()]) {
        if (nested && (value === true || typeof value === 'function')) continue;
        judge(shown(value), await outcome(call, value), true);
      }
      assert.deepEqual(wrong, []);
    });
  }
});

/** The type of the options of calls that share one. */
const typeOf: Record<string, string> = {
  'Ensemble.classify()': 'ClassifyOptions',
  'datasetFromFolder()': 'FilesOptions',
  'streamSet()': 'WriteOptions',
};
