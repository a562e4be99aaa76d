/** sequential: a chain of named layers, which is itself a layer. */
import { engine, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { AlexNetError, OptionsError, ShapeError, suggest } from '../errors';
import { checkOptions, rule } from '../platform/checkOptions';
import {
  formatShape,
  sizeOf,
  type ForwardMode,
  type Layer,
  type LayerJSON,
  type ParamSpec,
  type Shape,
} from './layer';
import {
  sequentialBackward,
  sequentialUpdate,
  tensorsOf,
  type TracedLayer,
} from './sequentialBackward';

/** One row of a network's table. */
export interface LayerSummary {
  name: string;
  type: string;
  /** Without the batch axis. */
  outputShape: Shape;
  /** The number of values that the layer learns. */
  parameters: number;
  /** Multiply-adds for one image. */
  multiplyAdds: number;
}

/** Options of `sequential`. */
export interface SequentialOptions {
  /** The shape of the input, without the batch axis: `[227, 227, 3]`. A model needs it. */
  inputShape?: Shape | undefined;
}

/** Which part of the network runs. */
export interface LayerRange<Name extends string = string> {
  /** Starts after this layer. @default at the beginning */
  after?: Name;
  /** Stops after this layer. @default at the end */
  upTo?: Name;
}

/** A chain of layers, each with a name. */
export interface Sequential<
  Layers extends Record<string, Layer> = Record<string, Layer>,
> extends Layer {
  readonly type: 'sequential';
  readonly layers: Readonly<Layers>;
  /** The names of the layers, in order. */
  readonly names: readonly (keyof Layers & string)[];
  readonly inputShape: Shape | undefined;
  /** Returns the output shape of each layer, in order. */
  shapes(input?: Shape): Record<keyof Layers & string, Shape>;
  /** Returns name, shape, parameters and cost of each layer. */
  summary(input?: Shape): LayerSummary[];
  params(input?: Shape): Record<string, ParamSpec>;
  outputShape(input?: Shape): Shape;
  apply(
    x: Tensor,
    params: Record<string, Tensor>,
    mode?: ForwardMode & LayerRange<keyof Layers & string>,
  ): Tensor;
  /**
   * Runs the same forward pass as `apply` and returns what a backward pass reads, layer by layer.
   * The caller disposes every `pass.y`. If a layer changes nothing (dropout outside training), `y`
   * is `x`.
   */
  trace(
    x: Tensor,
    params: Record<string, Tensor>,
    mode?: ForwardMode & LayerRange<keyof Layers & string>,
  ): TracedLayer<keyof Layers & string>[];
  constants(params: Record<string, Tensor>): Record<string, Tensor>;
  multiplyAdds(input?: Shape): number;
}

const SHAPE = rule(
  'a list of integers of at least 1',
  (shape: unknown) =>
    Array.isArray(shape) && shape.every((side) => Number.isInteger(side) && (side as number) > 0),
);

/** The most numbers that a layer may return for an image: 1 GiB. */
const MAX_OUTPUT = 2 ** 28;

function checkedOutput(layer: Layer, input: Shape): Shape {
  const output = layer.outputShape(input);
  if (sizeOf(output) > MAX_OUTPUT)
    throw new ShapeError(
      `${layer.type}: the output must have at most ${MAX_OUTPUT} numbers, got ${formatShape(output)}. Pad less, or use a larger stride.`,
    );
  return output;
}

/** Runs `work` and prefixes the messages of its errors with the name of the layer. */
function withLayerName<T>(layer: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof AlexNetError) error.message = `${layer}: ${error.message}`;
    throw error;
  }
}

/**
 * Creates a network that runs its layers in the order in which they are written. The parameters of
 * `conv1` are `conv1/kernel` and `conv1/bias`. A sequential within a sequential is a block:
 * `block/conv1/kernel`. Where no gradient is recorded, a ReLU after a convolution or a dense layer
 * runs in one operation with it.
 *
 * @throws OptionsError for a name that is empty, has a slash, or starts with a digit (JavaScript
 * would move it to the front).
 */
export function sequential<const Layers extends Record<string, Layer>>(
  layers: Layers,
  given: SequentialOptions = {},
): Sequential<Layers> {
  checkOptions('sequential', given, { inputShape: SHAPE });
  const { inputShape } = given;
  type Name = keyof Layers & string;
  const names = Object.keys(layers) as Name[];
  if (names.length === 0)
    throw new OptionsError('sequential: a network must have at least one layer, got none.');
  for (const name of names) {
    if (!/^[A-Za-z_][\w-]*$/.test(name) || name === '__proto__') {
      throw new OptionsError(
        `sequential: the name of a layer must start with a letter and contain only letters, digits, "_" and "-", got "${name}". Use "layer${name}", for example.`,
      );
    }
  }

  /**
   * Calls `visit` with each layer and the shapes of its input and output. Returns the last shape.
   */
  const walk = (
    input: Shape | undefined,
    visit: (name: Name, layer: Layer, shape: Shape, output: Shape) => void,
  ): Shape => {
    let shape = input ?? inputShape;
    if (!shape) {
      throw new ShapeError(
        'sequential: the shape of the input must be known. Pass it, or set inputShape.',
      );
    }
    for (const side of shape) {
      if (!Number.isInteger(side) || side < 1) {
        throw new ShapeError(
          `sequential: the sides of the input must be integers of at least 1, got ${formatShape(shape)}.`,
        );
      }
    }
    for (const name of names) {
      const layer = layers[name]!;
      const output = withLayerName(name, () => checkedOutput(layer, shape!));
      visit(name, layer, shape, output);
      shape = output;
    }
    return shape;
  };

  const indexOf = (name: Name) => {
    const index = names.indexOf(name);
    if (index < 0)
      throw new OptionsError(`"${name}" is not a layer of this network. ${suggest(name, names)}`);
    return index;
  };

  /** Returns the positions of the first and the last layer of a range. */
  const positions = ({ after, upTo }: LayerRange<Name>): [first: number, last: number] => {
    const first = after === undefined ? 0 : indexOf(after) + 1;
    const last = upTo === undefined ? names.length - 1 : indexOf(upTo);
    if (first > last + 1)
      throw new OptionsError(`sequential: "${after}" comes after "${upTo}". Swap them.`);
    return [first, last];
  };

  /**
   * Gives each layer its own seed. With a common one, all dropout layers would drop the same
   * positions.
   */
  const layerMode = (
    { after: _after, upTo: _upTo, ...mode }: ForwardMode & LayerRange<Name>,
    i: number,
  ): ForwardMode => ({ ...mode, seed: (mode.seed ?? 0) * 1009 + i });

  const trace = (
    x: Tensor,
    params: Record<string, Tensor>,
    mode: ForwardMode & LayerRange<Name> = {},
  ): TracedLayer<Name>[] => {
    const [first, last] = positions(mode);
    const traced: TracedLayer<Name>[] = [];
    for (let i = first; i <= last; i++) {
      const name = names[i]!;
      const layer = layers[name]!;
      const input = {
        x: traced.at(-1)?.pass.y ?? x,
        params: tensorsOf(name, params),
        mode: layerMode(mode, i),
      };
      const y = withLayerName(name, () =>
        tidy(() => layer.apply(input.x, input.params, input.mode)),
      );
      traced.push({ name, layer, pass: { ...input, y } });
    }
    return traced;
  };

  return {
    type: 'sequential',
    layers,
    names,
    inputShape,
    params(input) {
      const all: Record<string, ParamSpec> = {};
      walk(input, (name, layer, shape) => {
        for (const [param, spec] of Object.entries(layer.params(shape)))
          all[`${name}/${param}`] = spec;
      });
      return all;
    },
    outputShape: (input) => walk(input, () => {}),
    shapes(input) {
      const all = {} as Record<Name, Shape>;
      walk(input, (name, _layer, _shape, output) => (all[name] = output));
      return all;
    },
    summary(input) {
      const rows: LayerSummary[] = [];
      walk(input, (name, layer, shape, outputShape) => {
        const parameters = Object.values(layer.params(shape)).reduce(
          (sum, param) => sum + sizeOf(param.shape),
          0,
        );
        const multiplyAdds = layer.multiplyAdds?.(shape) ?? 0;
        rows.push({ name, type: layer.type, outputShape, parameters, multiplyAdds });
      });
      return rows;
    },
    multiplyAdds(input) {
      let total = 0;
      walk(input, (_name, layer, shape) => (total += layer.multiplyAdds?.(shape) ?? 0));
      return total;
    },
    apply(x, params, mode = {}) {
      const [first, last] = positions(mode);
      const canFuse = !mode.training && engine().state.gradientDepth === 0;
      let y = x;
      for (let i = first; i <= last; i++) {
        const name = names[i]!;
        const layer = layers[name]!;
        const fuseRelu =
          canFuse && layer.applyWithRelu && i < last && layers[names[i + 1]!]!.type === 'relu';
        y = withLayerName(name, () =>
          fuseRelu
            ? layer.applyWithRelu!(y, tensorsOf(name, params))
            : layer.apply(y, tensorsOf(name, params), layerMode(mode, i)),
        );
        if (fuseRelu) i++;
      }
      return y;
    },
    trace,
    // For blocks within a network. Training of a whole network uses `trace` and goes back layer by
    // layer.
    backward: (dy, pass) => sequentialBackward(names, trace, dy, pass),
    update: (dy, pass, options) => sequentialUpdate(trace, dy, pass, options),
    constants(params) {
      const all: Record<string, Tensor> = {};
      for (const name of names) {
        const constants = layers[name]!.constants?.(tensorsOf(name, params)) ?? {};
        for (const [key, tensor] of Object.entries(constants)) all[`${name}/${key}`] = tensor;
      }
      return all;
    },
    toJSON: (): LayerJSON => ({
      type: 'sequential',
      ...(inputShape ? { inputShape: [...inputShape] } : {}),
      layers: names.map((name) => ({ name, ...layers[name]!.toJSON() })),
    }),
  };
}
