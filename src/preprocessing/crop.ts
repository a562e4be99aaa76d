/** The crops of an image: its center, or the paper's ten (section 4.1). */
import { rule } from '../platform/checkOptions';
import type { Rectangle } from './resample';

/**
 * `'center'`: one view. `'ten'`: the four corners, the center and their mirror images; the
 * predictions are averaged. `'centre'` is accepted for `'center'`.
 */
export type CropKind = 'center' | 'ten' | 'centre';

/** The rule for options that are a CropKind. */
export const CROPS = /* @__PURE__ */ rule("'center' or 'ten'", (value) =>
  ['center', 'ten', 'centre'].includes(value),
);

/** A square of an image, optionally mirrored left to right. */
export interface Crop extends Rectangle {
  mirrored: boolean;
}

/**
 * Returns the crops of side `size` of an image of `width` × `height`, all in pixels.
 *
 * As in the paper, they are cut from the central square of the resized image, so the corners of a
 * long image are the corners of its middle. If a margin is odd, the extra pixel is on the right or
 * at the bottom. The order is top left, top right, bottom left, bottom right, center, then the
 * mirror images of these five.
 */
export function crops(kind: CropKind, width: number, height: number, size: number): Crop[] {
  const side = Math.min(width, height);
  const [left, top] = [Math.floor((width - side) / 2), Math.floor((height - side) / 2)];
  const at = (x: number, y: number) => ({
    left: left + x,
    top: top + y,
    width: size,
    height: size,
    mirrored: false,
  });
  const end = side - size;
  const center = at(Math.floor(end / 2), Math.floor(end / 2));
  if (kind !== 'ten') return [center];
  const five = [at(0, 0), at(end, 0), at(0, end), at(end, end), center];
  return [...five, ...five.map((crop) => ({ ...crop, mirrored: true }))];
}
