/** sequential: named layers one after the other, which is itself a layer. */
import { clone, engine, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { AlexNetError, OptionsError, ShapeError, suggest } from '../errors';
import {
  formatShape,
  sizeOf,
  type Layer,
  type LayerJSON,
  type LayerUpdate,
  type Mode,
  type Param,
  type Pass,
  type Shape,
} from './layer';
import { updateLayer } from './updateLayer';

/** One line of a network's table. */
export interface LayerSummary {
  name: string;
  type: string;
  /** Without the batch axis. */
  outputShape: Shape;
  /** How many numbers it learns. */
  parameters: number;
  /** Multiply-adds for one picture. */
  multiplyAdds: number;
}

/** What `sequential` takes beside its layers. */
export interface SequentialOptions {
  /** What the network takes, without the batch axis: `[227, 227, 3]`. Needed by whoever makes a model of it. */
  inputShape?: Shape | undefined;
}

/** Layers in a row, each with a name. */
export interface Sequential<
  Layers extends Record<string, Layer> = Record<string, Layer>,
> extends Layer {
  readonly type: 'sequential';
  readonly layers: Readonly<Layers>;
  readonly names: readonly (keyof Layers & string)[];
  readonly inputShape: Shape | undefined;
  /** The output shape of each layer, in order. */
  shapes(input?: Shape): Record<keyof Layers & string, Shape>;
  /** Name, shape, parameters and cost of each layer. */
  summary(input?: Shape): LayerSummary[];
  params(input?: Shape): Record<string, Param>;
  outputShape(input?: Shape): Shape;
  apply(
    x: Tensor,
    params: Record<string, Tensor>,
    mode?: Mode & Range<keyof Layers & string>,
  ): Tensor;
  /**
   * The forward pass as `apply` makes it, layer by layer, with all that a backward pass looks at: for a training loop. Keeps
   * every `pass.y`, which the caller disposes; where a layer changes nothing (dropout outside training) `y` is `x` itself.
   */
  trace(
    x: Tensor,
    params: Record<string, Tensor>,
    mode?: Mode & Range<keyof Layers & string>,
  ): Step<keyof Layers & string>[];
  constants(params: Record<string, Tensor>): Record<string, Tensor>;
  multiplyAdds(input?: Shape): number;
}

/** Which part of the network runs. */
export interface Range<Name extends string = string> {
  /** Starts behind this layer. Default: at the beginning. */
  after?: Name;
  /** Stops behind this layer. Default: at the end. */
  upTo?: Name;
}

/** One layer's part of a forward pass. */
export interface Step<Name extends string = string> {
  name: Name;
  layer: Layer;
  /** Its parameters go by their names within the layer: `kernel`. */
  pass: Pass;
}

/** The entries of one layer, under their names within it. */
function own(params: Record<string, Tensor>, layer: string): Record<string, Tensor> {
  const found: Record<string, Tensor> = {};
  for (const [name, tensor] of Object.entries(params)) {
    if (name.startsWith(`${layer}/`)) found[name.slice(layer.length + 1)] = tensor;
  }
  return found;
}

/** Runs `work` and puts the layer's name before the message of whatever it throws. */
function named<T>(layer: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof AlexNetError) error.message = `${layer}: ${error.message}`;
    throw error;
  }
}

/**
 * Layers one after the other, in the order written. The parameters of `conv1` are `conv1/kernel` and `conv1/bias`; a
 * sequential within a sequential is a block, `block/conv1/kernel`. Where no gradient is recorded, a ReLU behind a
 * convolution or a dense layer runs in one pass with it.
 *
 * @throws OptionsError for a name that is a number (JavaScript would move it to the front), empty, or has a slash.
 */
export function sequential<const Layers extends Record<string, Layer>>(
  layers: Layers,
  { inputShape }: SequentialOptions = {},
): Sequential<Layers> {
  type Name = keyof Layers & string;
  const names = Object.keys(layers) as Name[];
  if (names.length === 0)
    throw new OptionsError('sequential: a network has at least one layer, got none.');
  for (const name of names) {
    if (!/^[A-Za-z_][\w-]*$/.test(name) || name === '__proto__') {
      throw new OptionsError(
        `sequential: a layer's name starts with a letter and goes on in letters, digits, "_" or "-", got "${name}". Call it "layer${name}", say.`,
      );
    }
  }

  /** Calls `visit` with each layer and the shape of its input. */
  const walk = (
    input: Shape | undefined,
    visit: (name: Name, layer: Layer, shape: Shape, output: Shape) => void,
  ): Shape => {
    let shape = input ?? inputShape;
    if (!shape) {
      throw new ShapeError(
        'sequential: the shape of the input is not known. Pass it, or give sequential an inputShape.',
      );
    }
    for (const side of shape) {
      if (!Number.isInteger(side) || side < 1) {
        throw new ShapeError(
          `sequential: the sides of an input are whole numbers from 1, got ${formatShape(shape)}.`,
        );
      }
    }
    for (const name of names) {
      const layer = layers[name]!;
      const output = named(name, () => layer.outputShape(shape!));
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

  const range = ({ after, upTo }: Range<Name>): [number, number] => {
    const first = after === undefined ? 0 : indexOf(after) + 1;
    const last = upTo === undefined ? names.length - 1 : indexOf(upTo);
    if (first > last + 1)
      throw new OptionsError(`sequential: "${after}" comes behind "${upTo}". Exchange the two.`);
    return [first, last];
  };

  // Each layer gets a seed of its own, or every dropout of a pass would drop the same places.
  const modeOf = (
    { after: _after, upTo: _upTo, ...mode }: Mode & Range<Name>,
    i: number,
  ): Mode => ({
    ...mode,
    seed: (mode.seed ?? 0) * 1009 + i,
  });

  const trace = (
    x: Tensor,
    params: Record<string, Tensor>,
    mode: Mode & Range<Name> = {},
  ): Step<Name>[] => {
    const [first, last] = range(mode);
    const steps: Step<Name>[] = [];
    for (let i = first; i <= last; i++) {
      const name = names[i]!;
      const layer = layers[name]!;
      const pass = {
        x: steps.at(-1)?.pass.y ?? x,
        params: own(params, name),
        mode: modeOf(mode, i),
      };
      steps.push({
        name,
        layer,
        pass: {
          ...pass,
          y: named(name, () => tidy(() => layer.apply(pass.x, pass.params, pass.mode))),
        },
      });
    }
    return steps;
  };

  /** What `pick` makes of the gradient by the output of step `index` (−1: by the input), with the inside computed again. */
  const within = (
    dy: Tensor,
    { x, params, mode }: Pass,
    at: (steps: Step<Name>[]) => number,
    pick: (dy: Tensor, step?: Step<Name>) => Tensor,
  ) =>
    tidy(() => {
      const steps = trace(x, params, mode);
      const index = at(steps);
      let by = dy;
      for (let i = steps.length - 1; i > index; i--)
        by = steps[i]!.layer.backward(by, steps[i]!.pass).x();
      return pick(by, steps[index]);
    });

  return {
    type: 'sequential',
    layers,
    names,
    inputShape,
    params(input) {
      const all: Record<string, Param> = {};
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
        rows.push({
          name,
          type: layer.type,
          outputShape,
          parameters,
          multiplyAdds: layer.multiplyAdds?.(shape) ?? 0,
        });
      });
      return rows;
    },
    multiplyAdds(input) {
      let total = 0;
      walk(input, (_name, layer, shape) => (total += layer.multiplyAdds?.(shape) ?? 0));
      return total;
    },
    apply(x, params, mode = {}) {
      const [first, last] = range(mode);
      const plain = !mode.training && engine().state.gradientDepth === 0;
      let y = x;
      for (let i = first; i <= last; i++) {
        const name = names[i]!;
        const layer = layers[name]!;
        const fuse =
          plain && layer.applyWithRelu && i < last && layers[names[i + 1]!]!.type === 'relu';
        y = named(name, () =>
          fuse
            ? layer.applyWithRelu!(y, own(params, name))
            : layer.apply(y, own(params, name), modeOf(mode, i)),
        );
        if (fuse) i++;
      }
      return y;
    },
    trace,
    // Whoever trains a whole network traces it and goes back layer by layer; this is for blocks within one.
    backward(dy, pass) {
      const byParam = (name: Name, key: string) => () =>
        within(
          dy,
          pass,
          (steps) => steps.findIndex((step) => step.name === name),
          (by, step) => step!.layer.backward(by, step!.pass).params[key]!(),
        );
      const all: Record<string, () => Tensor> = {};
      for (const name of names) {
        for (const key of Object.keys(own(pass.params, name)))
          all[`${name}/${key}`] = byParam(name, key);
      }
      const byInput = () =>
        within(
          dy,
          pass,
          () => -1,
          (by) => (by === dy ? (clone(by) as Tensor) : by),
        );
      return { x: byInput, params: all };
    },
    update(dy, { x, params, mode }, velocities, options, wanted = {}) {
      const steps = trace(x, params, mode);
      const next: LayerUpdate = { params: { ...params }, velocities: {} };
      let by = dy;
      for (const [i, { name, layer, pass }] of [...steps.entries()].reverse()) {
        const step = updateLayer(layer, by, pass, own(velocities, name), options, {
          x: i > 0 || wanted.x === true,
        });
        for (const [key, tensor] of Object.entries(step.params))
          next.params[`${name}/${key}`] = tensor;
        for (const [key, tensor] of Object.entries(step.velocities))
          next.velocities[`${name}/${key}`] = tensor;
        if (by !== dy) by.dispose();
        if (pass.y !== pass.x) pass.y.dispose();
        if (step.x) by = step.x;
      }
      return wanted.x ? { ...next, x: by } : next;
    },
    constants(params) {
      const all: Record<string, Tensor> = {};
      for (const name of names) {
        for (const [key, tensor] of Object.entries(
          layers[name]!.constants?.(own(params, name)) ?? {},
        ))
          all[`${name}/${key}`] = tensor;
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
