/**
 * The principal colors of a set of images: the eigenvectors of the covariance of red, green and
 * blue (paper, section 4.1).
 */

/** Red, green and blue. */
export type Color = readonly [number, number, number];

/** The directions in which the colors of a set vary, the strongest first. */
export interface PrincipalColors {
  /** Orthonormal. */
  vectors: readonly [Color, Color, Color];
  /** The variance along each vector, of values in [0, 1]. */
  values: Color;
}

/** Accumulates the color statistics of images, one after the other. */
export class ColorStatistics {
  #count = 0;
  readonly #sum = [0, 0, 0];
  readonly #products = [0, 0, 0, 0, 0, 0]; // rr, rg, rb, gg, gb, bb

  /** Adds an image: red, green and blue of each pixel, in levels of 0 to 255. */
  add(rgb: ArrayLike<number>): void {
    const [sum, products] = [this.#sum, this.#products];
    for (let i = 0; i + 2 < rgb.length; i += 3) {
      const [r, g, b] = [rgb[i]! / 255, rgb[i + 1]! / 255, rgb[i + 2]! / 255];
      sum[0]! += r;
      sum[1]! += g;
      sum[2]! += b;
      products[0]! += r * r;
      products[1]! += r * g;
      products[2]! += r * b;
      products[3]! += g * g;
      products[4]! += g * b;
      products[5]! += b * b;
    }
    this.#count += Math.floor(rgb.length / 3);
  }

  /** Returns the principal colors of the images added; without any, variances are 0. */
  principalColors(): PrincipalColors {
    const n = Math.max(1, this.#count);
    const [r, g, b] = this.#sum.map((sum) => sum / n) as [number, number, number];
    const [rr, rg, rb, gg, gb, bb] = this.#products.map((product) => product / n) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    return eigen([
      [rr - r * r, rg - r * g, rb - r * b],
      [rg - r * g, gg - g * g, gb - g * b],
      [rb - r * b, gb - g * b, bb - b * b],
    ]);
  }
}

/**
 * Returns eigenvectors and eigenvalues of a symmetric 3 × 3 matrix (Jacobi's method); each vector's
 * largest part is positive.
 */
export function eigen(symmetric: readonly (readonly number[])[]): PrincipalColors {
  const a = symmetric.map((row) => [...row]);
  const v = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  for (let sweep = 0; sweep < 20; sweep++) {
    for (const [p, q] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      if (Math.abs(a[p]![q]!) < 1e-300) continue;
      const theta = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!);
      const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
      const c = 1 / Math.sqrt(t * t + 1);
      const s = t * c;
      for (let k = 0; k < 3; k++) {
        const [kp, kq] = [a[k]![p]!, a[k]![q]!];
        a[k]![p] = c * kp - s * kq;
        a[k]![q] = s * kp + c * kq;
      }
      for (let k = 0; k < 3; k++) {
        const [pk, qk] = [a[p]![k]!, a[q]![k]!];
        a[p]![k] = c * pk - s * qk;
        a[q]![k] = s * pk + c * qk;
        const [vp, vq] = [v[k]![p]!, v[k]![q]!];
        v[k]![p] = c * vp - s * vq;
        v[k]![q] = s * vp + c * vq;
      }
    }
  }
  const order = [0, 1, 2].sort((i, j) => a[j]![j]! - a[i]![i]!);
  const vectors = order.map((column) => {
    const vector = v.map((row) => row[column]!);
    const largest = vector.reduce((best, part) => (Math.abs(part) > Math.abs(best) ? part : best));
    return vector.map((part) => (largest < 0 ? -part : part));
  });
  return {
    vectors: vectors as unknown as PrincipalColors['vectors'],
    values: order.map((i) => Math.max(0, a[i]![i]!)) as unknown as Color,
  };
}
