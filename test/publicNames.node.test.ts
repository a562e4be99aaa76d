/** The public names: what each entry of package.json exports, values and types. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** Names that an entry does not share with an entry above it. */
const NAMES = {
  index: `
    Activations AlexNetError BackendChange BackendError
    BackendName ClassifyOptions CreateOptions CropKind Dataset DatasetInput DatasetProblem
    EmbedOptions Ensemble EpochReport Evaluation FilesInput
    FineTuneOptions FineTuneRun History ImageError ImageInput Knn KnnOptions Label
    LabeledImage LayerName LayerSummary LoadOptions LoadProgress Manifest Model
    NetworkSummary OptionsError Origin Prediction Preprocessing SaveOptions SaveResult
    SaveTarget SavedModel ShapeError StepReport TrainingError TunedModel WeightSet
    WeightsError WeightsInput alexnet caffeAlexNet caffeNet create datasetFromFiles
    datasetFromFolder ensemble knn load paperAlexNet remove saved torchvisionAlexNet
  `,
  layers: `
    Conv2dOptions DenseOptions DropoutOptions Layer LayerJSON LrnOptions MaxPoolOptions
    Sequential Shape conv2d dense dropout flatten formatShape layerFromJSON lrn
    maxPool relu sequential sequentialFromJSON softmax tanh
  `,
  training: `
    CheckpointStore ColorStatistics     PrincipalColors TrainOptions TrainingData View arrayData
    centerView centralSquare checkpointDatabase checkpointFile colorShift constantRate crops
    cutView drawView evaluate imageData plateau prepareTraining random stratifiedSplit
    toDataset toPixels train
  `,
  convert: `
    ConvertOptions ExportOptions     convert encode encodeInt8 exportModel indexModule readLabels streamSet
    tableRow writeSet
  `,
  worker: `
    Ensemble FineTuneRun LoadOptions Model TunedModel WeightsInput
    alexnet create datasetFromFiles ensemble load
  `,
};
const AT_MOST = 129;

const files = Object.keys(NAMES).map((name) =>
  fileURLToPath(new URL(`../types/${name}.d.ts`, import.meta.url)),
);
const program = ts.createProgram(files, {
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  types: [],
});
const checker = program.getTypeChecker();

/** What each file exports. A name that several export counts once if it is the same declaration. */
function exportedNames(): Record<string, string[]> {
  const known = new Set<ts.Symbol>();
  const entries = files.map((file, i) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!;
    const names: string[] = [];
    for (const symbol of checker.getExportsOfModule(module)) {
      const isAlias = symbol.flags & ts.SymbolFlags.Alias;
      const declared = isAlias ? checker.getAliasedSymbol(symbol) : symbol;
      if (!known.has(declared)) names.push(symbol.name);
      known.add(declared);
    }
    return [Object.keys(NAMES)[i]!, names.sort()];
  });
  return Object.fromEntries(entries) as Record<string, string[]>;
}

describe('the public names', () => {
  const names = exportedNames();

  it('are these', () => {
    const listed = Object.entries(NAMES).map(([entry, text]) => [
      entry,
      text.split(/\s+/).filter(Boolean).sort(),
    ]);
    assert.deepEqual(names, Object.fromEntries(listed));
  });

  it(`are at most ${AT_MOST}`, () => {
    const count = Object.values(names).flat().length;
    assert.ok(count <= AT_MOST, `${count} names`);
  });
});
