/** showAttention: lays a map of what the network looks at over the picture. */
import { heatAlpha } from '../heatMap';
import type { ImageOverlay } from '../imageOverlay';
import type { AttentionMap } from './gradCam';

/** `strength` in [0, 1] is the opacity of the warmest color. */
export const showAttention = (
  overlay: ImageOverlay,
  { count, step, values }: AttentionMap,
  strength: number,
): void =>
  overlay.showMap({
    count,
    step,
    value: (row, column) => values[row * count + column]!,
    alpha: heatAlpha(strength),
  });
