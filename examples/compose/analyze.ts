/** analyze: the shapes, parameters and cost of each layer of a network written as text. */
import {
  layerFromJSON,
  sequential,
  sequentialFromJSON,
  type LayerSummary,
  type Sequential,
} from 'alexnet-ts/layers';
import { parseLayers, type ParsedLayer, type LineProblem } from './parseLayers';

/** A valid layer and its line. */
export interface LayerRow extends LayerSummary {
  line: number;
}

export interface Analysis {
  /** Up to the first invalid layer. */
  rows: LayerRow[];
  /** Sorted by line. */
  problems: LineProblem[];
  /** The network, if there are no problems. */
  net: Sequential | undefined;
  /** Total of the rows. */
  parameters: number;
  /** Total of the rows, per picture. */
  multiplyAdds: number;
  /** Total output size of the layers per picture, all of which training keeps. */
  activations: number;
}

export function analyze(text: string, inputSize: number): Analysis {
  const { layers, problems } = parseLayers(text);
  if (layers.length === 0 && problems.length === 0)
    problems.push({ line: 1, message: 'Add at least one layer.' });
  const inputShape = [inputSize, inputSize, 3];
  const rows: LayerRow[] = [];
  for (const layer of layers) {
    const valid = problems.every(({ line }) => line > layer.line);
    try {
      const row = rowOf(layer, valid ? (rows.at(-1)?.outputShape ?? inputShape) : undefined);
      if (row) rows.push(row);
    } catch (error) {
      problems.push({ line: layer.line, message: (error as Error).message });
    }
  }
  const entries = layers.map(({ name, type, options }) => ({ ...options, name, type }));
  const total = (value: (row: LayerRow) => number) =>
    rows.reduce((sum, row) => sum + value(row), 0);
  return {
    rows,
    problems: problems.sort((a, b) => a.line - b.line),
    net:
      problems.length === 0
        ? sequentialFromJSON({ type: 'sequential', inputShape, layers: entries })
        : undefined,
    parameters: total((row) => row.parameters),
    multiplyAdds: total((row) => row.multiplyAdds),
    activations: total((row) => row.outputShape.reduce((product, side) => product * side, 1)),
  };
}

/** Checks the options of the layer even if its input shape is unknown. */
function rowOf(
  { line, name, type, options }: ParsedLayer,
  input: readonly number[] | undefined,
): LayerRow | undefined {
  const layer = layerFromJSON({ ...options, type }, name);
  if (!input) return undefined;
  const [summary] = sequential({ [name]: layer }, { inputShape: input }).summary();
  return { line, ...summary! };
}
