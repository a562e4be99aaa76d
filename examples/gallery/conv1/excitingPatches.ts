/** ExcitingPatches: the parts of many pictures that excite each filter of conv1 most. */
import { receptiveField, regionPixels, type StrongestActivation } from './strongestActivation';

export interface Patch {
  /** The name of its picture. */
  picture: string;
  /** The activation. */
  value: number;
  /** The receptive field, with its contrast stretched. */
  pixels: ImageData;
}

/** Patches kept for a filter. */
export const MAX_PATCHES = 6;

export class ExcitingPatches {
  readonly #byFilter = new Map<number, Patch[]>();
  readonly #pictures = new Set<string>();

  /** `pad` is the padding of conv1. */
  constructor(private readonly pad: number) {}

  /** The number of pictures that were searched. */
  get pictures(): number {
    return this.#pictures.size;
  }

  /**
   * Adds the best place of each filter in a picture. `view` is the network's input as an image. A
   * picture that was added before is ignored.
   */
  add(
    { name: picture, blob }: { name: string; blob: Blob },
    view: HTMLCanvasElement,
    best: readonly StrongestActivation[],
  ): void {
    const key = `${picture} ${blob.size}`;
    if (this.#pictures.has(key)) return;
    this.#pictures.add(key);
    best.forEach((activation, filter) => {
      const { value } = activation;
      const patches = this.of(filter);
      if (value <= (patches[MAX_PATCHES - 1]?.value ?? 0)) return;
      const pixels = regionPixels(view, receptiveField(activation, this.pad));
      this.#byFilter.set(
        filter,
        [...patches, { picture, value, pixels }]
          .sort((a, b) => b.value - a.value)
          .slice(0, MAX_PATCHES),
      );
    });
  }

  /** Returns the most exciting patches of a filter in descending order, at most one per picture. */
  of(filter: number): readonly Patch[] {
    return this.#byFilter.get(filter) ?? [];
  }
}
