/** Where the crops of a picture lie: the centre, or the paper's ten (section 4.1). */
import type { Rectangle } from './resample';

/** `'centre'`: one view. `'ten'`: four corners and the centre, and their mirror images; the predictions are averaged. */
export type CropKind = 'centre' | 'ten';

/** A square to cut out, perhaps to be mirrored left to right. */
export interface Crop extends Rectangle {
  mirrored: boolean;
}

/**
 * The crops of side `size` of a picture of `width` × `height`, all in pixels. As in the paper they are cut from the central
 * square of the resized picture, so that the corners of a long one are those of its middle. Odd margins leave the extra
 * pixel right and bottom. Their order: top left, top right, bottom left, bottom right, centre, and the mirror images of these.
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
  const centre = at(Math.floor(end / 2), Math.floor(end / 2));
  if (kind === 'centre') return [centre];
  const five = [at(0, 0), at(end, 0), at(0, end), at(end, end), centre];
  return [...five, ...five.map((crop) => ({ ...crop, mirrored: true }))];
}
