/** Statistics of repeated measurements. */

/**
 * Returns the median and the range of the central 80 %.
 *
 * @param {readonly number[]} values
 * @returns {{ median: number, from: number, to: number, count: number }}
 */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => {
    const position = share * (sorted.length - 1);
    const below = Math.floor(position);
    return (
      sorted[below] + (position - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below])
    );
  };
  return { median: at(0.5), from: at(0.1), to: at(0.9), count: sorted.length };
}

/** Returns the scores minus their mean: softmax ignores a common offset. */
const centered = (row) => {
  const mean = row.reduce((a, b) => a + b) / row.length;
  return row.map((value) => value - mean);
};

/** Returns the largest difference relative to the largest score, and whether top-1 agrees. */
export function difference(ours, theirs) {
  let [largest, apart] = [0, 0];
  ours.forEach((row, picture) => {
    const [a, b] = [centered(row), centered(theirs[picture])];
    b.forEach((value, i) => {
      largest = Math.max(largest, Math.abs(value));
      apart = Math.max(apart, Math.abs(value - a[i]));
    });
  });
  const best = (row) => row.indexOf(Math.max(...row));
  return {
    relative: apart / largest,
    sameBest: ours.every((row, i) => best(row) === best(theirs[i])),
  };
}
