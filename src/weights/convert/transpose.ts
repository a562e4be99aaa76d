/** How kernels of other frameworks, `[out, in, height, width]` and `[out, in]`, become those of TensorFlow.js. */
import type { Shape } from '../../layers/layer';

/** Where each number of one of our tensors lies in the file's. */
export interface Turn {
  /** `OIHW → HWIO` */
  name: string;
  /** In the file. */
  shape: Shape;
  apply(values: Float32Array): Float32Array;
}

/** OIHW to HWIO; of a first layer that takes blue, green, red, with its inputs in reverse. */
export function turnConv(shape: Shape, bgr: boolean): Turn {
  const [height, width, inputs, outputs] = shape as [number, number, number, number];
  return {
    name: bgr ? 'OIHW → HWIO, BGR → RGB' : 'OIHW → HWIO',
    shape: [outputs, inputs, height, width],
    apply(values) {
      const turned = new Float32Array(values.length);
      let at = 0;
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          for (let i = 0; i < inputs; i++) {
            const from = bgr ? inputs - 1 - i : i;
            for (let o = 0; o < outputs; o++)
              turned[at++] = values[((o * inputs + from) * height + y) * width + x]!;
          }
        }
      }
      return turned;
    },
  };
}

/**
 * `[out, in]`, or with `inOut` `[in, out]`, to `[in, out]`. Behind a flattened map the inputs run channels, height, width there, and height,
 * width, channels here.
 */
export function turnDense(shape: Shape, map: Shape | undefined, inOut = false): Turn | undefined {
  const [inputs, outputs] = shape as [number, number];
  const [height, width, channels] =
    map?.length === 3 ? (map as [number, number, number]) : [1, 1, inputs];
  const flat = height * width > 1;
  if (inOut && !flat) return undefined;
  const [perInput, perOutput] = inOut ? [outputs, 1] : [1, inputs];
  return {
    name: inOut
      ? '[CHW, out] → [HWC, out]'
      : flat
        ? '[out, CHW] → [HWC, out]'
        : '[out, in] → [in, out]',
    shape: inOut ? [inputs, outputs] : [outputs, inputs],
    apply(values) {
      const turned = new Float32Array(values.length);
      let at = 0;
      for (let place = 0; place < height * width; place++) {
        for (let channel = 0; channel < channels; channel++) {
          const from = (channel * height * width + place) * perInput;
          for (let o = 0; o < outputs; o++) turned[at++] = values[from + o * perOutput]!;
        }
      }
      return turned;
    },
  };
}
