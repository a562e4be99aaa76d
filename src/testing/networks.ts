/** Networks of odd shapes, drawn at random, and weights for them as sets store them. */
import { conv2d, dense, dropout, lrn, maxPool, relu, type Layer, type Sequential } from '../layers';
import { random } from '../layers/init';
import { sizeOf, type Shape } from '../layers/layer';
import { formula } from './formula';
import type { Stored } from '../weights/stored';

const uniform = random(1998);
/** A whole number from `low` to `high`. */
export const between = (low: number, high: number): number => low + Math.floor(uniform() * (high - low + 1));

export const STORINGS = ['floats', 'codes', 'codes by channel', 'pruned'] as const;
export type Storing = (typeof STORINGS)[number];

/** A parameter as it is stored, with values within ±scale. */
export function stored(name: string, shape: Shape, as: Storing, scale: number): Stored {
  const count = sizeOf(shape);
  if (as === 'floats' || shape.length === 1) return formula(name, count, scale);
  const codes = Uint8Array.from(formula(name, count, 127, 128), Math.round);
  if (as === 'pruned') formula(`${name}.mask`, count, 1).forEach((value, i) => value < 0.7 && (codes[i] = 128));
  const channelScale = as !== 'codes' ? formula(`${name}.scale`, shape.at(-1)!, scale / 256, scale / 128) : undefined;
  return { codes, scale: channelScale ? 1 : scale / 128, min: channelScale ? -128 : -0.9 * scale, channelScale };
}

/** All of a network's, so large that values neither fade nor explode. */
export function storedParams(net: Sequential, as: Storing, label: string): Record<string, Stored> {
  return Object.fromEntries(
    Object.entries(net.params()).map(([name, { shape }]) => [
      name,
      stored(`${label}.${name}`, shape, as, 2 / Math.sqrt(sizeOf(shape) / shape.at(-1)!)),
    ]),
  );
}

/** One network of a kind each time: its layers, and the shape of its input. */
export const DRAW: Record<string, () => { layers: Record<string, Layer>; input: Shape }> = {
  'windows of any size': () => {
    const groups = between(1, 3);
    const size = between(1, 7);
    const pad = () => between(0, size - 1);
    const side = () => between(size, 12);
    const layer = conv2d({
      ...{ filters: groups * between(1, 11), size, stride: between(1, 4), groups },
      pad: { top: pad(), right: pad(), bottom: pad(), left: pad() },
    });
    return { layers: { conv: layer, ...(between(0, 1) ? { relu: relu() } : {}) }, input: [side(), side(), groups * between(1, 9)] };
  },
  tiles: () => {
    const groups = between(1, 2);
    const size = between(0, 1) ? 3 : 5;
    const pad = () => between(0, size - 1);
    const layer = conv2d({
      filters: 8 * groups * between(1, 3),
      size,
      groups,
      pad: { top: pad(), right: pad(), bottom: pad(), left: pad() },
    });
    return { layers: { conv: layer, relu: relu() }, input: [between(size, 17), between(size, 17), 4 * groups * between(1, 4)] };
  },
  'pools and norms': () => {
    const size = between(1, 4);
    const norm = lrn({ n: 2 * between(0, 3) + 1, k: between(1, 2), alpha: 0.3, beta: [0.5, 0.75, 1][between(0, 2)]! });
    const pool = maxPool({ size, stride: between(1, 4), pad: between(0, size >> 1) });
    return { layers: { relu: relu(), norm, pool, last: relu() }, input: [between(size, 9), between(size, 9), between(1, 21)] };
  },
  dense: () => ({
    layers: { fc: dense({ units: between(1, 130) }), relu: relu(), drop: dropout({ rate: 0.5 }), last: dense({ units: between(1, 9) }) },
    input: [between(1, 700)],
  }),
};
