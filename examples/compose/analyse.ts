/** analyse: layer by layer the shapes, parameters and cost of a network that was written as text, or what is wrong at which line. */
import {
  layerFromJSON,
  sequential,
  sequentialFromJSON,
  type LayerSummary,
  type Sequential,
} from 'alexnet-ts/layers';
import { parse, type ParsedLayer, type Problem } from './parse';

/** A layer that fits, with the line that it stands in. */
export interface Row extends LayerSummary {
  line: number;
}

export interface Analysis {
  /** Up to the first layer that does not fit. */
  rows: Row[];
  /** By line. */
  problems: Problem[];
  /** The whole network, if nothing is wrong with it. */
  net: Sequential | undefined;
  /** Of these rows. */
  parameters: number;
  /** Of these rows, for one picture. */
  multiplyAdds: number;
  /** How many numbers the layers answer with, for one picture: training keeps them all. */
  activations: number;
}

export function analyse(text: string, inputSize: number): Analysis {
  const { layers, problems } = parse(text);
  if (layers.length === 0 && problems.length === 0)
    problems.push({ line: 1, message: 'A network has at least one layer.' });
  const inputShape = [inputSize, inputSize, 3];
  const rows: Row[] = [];
  for (const layer of layers) {
    const whole = problems.every(({ line }) => line > layer.line);
    try {
      const row = rowOf(layer, whole ? (rows.at(-1)?.outputShape ?? inputShape) : undefined);
      if (row) rows.push(row);
    } catch (error) {
      problems.push({ line: layer.line, message: (error as Error).message });
    }
  }
  const entries = layers.map(({ name, type, options }) => ({ ...options, name, type }));
  const total = (value: (row: Row) => number) => rows.reduce((sum, row) => sum + value(row), 0);
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

/** Where the shape that comes in is not known, the layer's options are looked at all the same. */
function rowOf(
  { line, name, type, options }: ParsedLayer,
  input: readonly number[] | undefined,
): Row | undefined {
  const layer = layerFromJSON({ ...options, type }, name);
  if (!input) return undefined;
  const [summary] = sequential({ [name]: layer }, { inputShape: input }).summary();
  return { line, ...summary! };
}
