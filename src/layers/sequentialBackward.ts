/**
 * The backward pass and the update of a `sequential` within a network. The forward pass is
 * repeated, because a block keeps only its input.
 */
import { clone, tidy, type Tensor } from '@tensorflow/tfjs-core';
import type { ForwardPass, Layer, LayerGradients, LayerUpdate, UpdateRequest } from './layer';
import { updateLayer } from './updateLayer';

/** One layer's part of a forward pass. */
export interface TracedLayer<Name extends string = string> {
  name: Name;
  layer: Layer;
  /** The parameters have their names within the layer: `kernel`. */
  pass: ForwardPass;
}

/** The forward pass that is repeated: `Sequential.trace`. */
type Trace<Name extends string> = (
  x: Tensor,
  params: Record<string, Tensor>,
  mode: ForwardPass['mode'],
) => TracedLayer<Name>[];

/** Returns the tensors of one layer, under their names within it. */
export function tensorsOf(layer: string, tensors: Record<string, Tensor>): Record<string, Tensor> {
  const found: Record<string, Tensor> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    if (name.startsWith(`${layer}/`)) found[name.slice(layer.length + 1)] = tensor;
  }
  return found;
}

/**
 * Repeats the forward pass, then the backward pass down to the layer `name` (to the input if
 * undefined). Returns what `pick` computes from the gradient with respect to its output.
 */
const backwardTo = <Name extends string>(
  trace: Trace<Name>,
  name: Name | undefined,
  { dy, x, params, mode }: ForwardPass & { dy: Tensor },
  pick: (dy: Tensor, traced?: TracedLayer<Name>) => Tensor,
): Tensor =>
  tidy(() => {
    const traced = trace(x, params, mode);
    const index = traced.findIndex((layer) => layer.name === name);
    let gradient = dy;
    for (let i = traced.length - 1; i > index; i--)
      gradient = traced[i]!.layer.backward(gradient, traced[i]!.pass).x();
    return pick(gradient, traced[index]);
  });

/** Implements `Layer.backward` for layers in a row. */
export function sequentialBackward<Name extends string>(
  names: readonly Name[],
  trace: Trace<Name>,
  dy: Tensor,
  pass: ForwardPass,
): LayerGradients {
  const params: Record<string, () => Tensor> = {};
  for (const name of names) {
    for (const key of Object.keys(tensorsOf(name, pass.params)))
      params[`${name}/${key}`] = () =>
        backwardTo(trace, name, { ...pass, dy }, (gradient, traced) =>
          traced!.layer.backward(gradient, traced!.pass).params[key]!(),
        );
  }
  const x = () =>
    backwardTo(trace, undefined, { ...pass, dy }, (gradient) =>
      gradient === dy ? (clone(gradient) as Tensor) : gradient,
    );
  return { x, params };
}

/** Implements `Layer.update` for layers in a row. */
export function sequentialUpdate<Name extends string>(
  trace: Trace<Name>,
  dy: Tensor,
  { x, params, mode }: ForwardPass,
  { velocities, rule, inputGradient = false }: UpdateRequest,
): LayerUpdate {
  const traced = trace(x, params, mode);
  const next: LayerUpdate = { params: { ...params }, velocities: {} };
  let gradient = dy;
  for (const [i, { name, layer, pass }] of [...traced.entries()].reverse()) {
    const updated = updateLayer(layer, gradient, pass, {
      velocities: tensorsOf(name, velocities),
      rule,
      inputGradient: i > 0 || inputGradient,
    });
    for (const [key, tensor] of Object.entries(updated.params))
      next.params[`${name}/${key}`] = tensor;
    for (const [key, tensor] of Object.entries(updated.velocities))
      next.velocities[`${name}/${key}`] = tensor;
    if (gradient !== dy) gradient.dispose();
    if (pass.y !== pass.x) pass.y.dispose();
    if (updated.x) gradient = updated.x;
  }
  return inputGradient ? { ...next, x: gradient } : next;
}
