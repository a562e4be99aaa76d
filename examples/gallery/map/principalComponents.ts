/** principalComponents: reduces features to the few directions in which they vary most (PCA). */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** Rows that the directions are computed from. More change them little, and take cubic time. */
const MAX_ROWS = 300;

/**
 * Returns the coordinates of each row along the first `count` principal components, largest variance
 * first. There are as many as the rows allow: one less than their number.
 */
export function principalComponents(rows: readonly Float32Array[], count: number): number[][] {
  const size = rows[0]?.length ?? 0;
  const every = Math.ceil(rows.length / MAX_ROWS);
  const mean = new Float32Array(size);
  for (const row of rows) row.forEach((value, i) => (mean[i]! += value / rows.length));
  const centered = rows.map((row) => row.map((value, i) => value - mean[i]!));
  const sample = centered.filter((_, i) => i % every === 0);
  // Fewer rows than columns: the products of rows have the same eigenvalues as the covariance.
  const products = Matrix.zeros(sample.length, sample.length);
  for (let i = 0; i < sample.length; i++) {
    for (let j = 0; j <= i; j++) {
      const product = dot(sample[i]!, sample[j]!);
      products.set(i, j, product);
      products.set(j, i, product);
    }
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(products, {
    assumeSymmetric: true,
  });
  const largest = Math.max(...realEigenvalues, 0);
  const order = realEigenvalues
    .map((value, index) => ({ value, index }))
    .filter(({ value }) => value > 1e-6 * largest)
    .sort((a, b) => b.value - a.value)
    .slice(0, count);
  const directions = order.map(({ value, index }) => {
    const direction = new Float32Array(size);
    sample.forEach((row, i) => {
      const weight = eigenvectorMatrix.get(i, index) / Math.sqrt(value);
      row.forEach((each, at) => (direction[at]! += weight * each));
    });
    return direction;
  });
  return centered.map((row) => directions.map((direction) => dot(row, direction)));
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
