/** What the bench says of many measurements of one thing. */

/** @param {readonly number[]} values @returns {{ median: number, from: number, to: number, count: number }} 80 % lie within from..to */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => {
    const place = share * (sorted.length - 1);
    const below = Math.floor(place);
    return sorted[below] + (place - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below]);
  };
  return { median: at(0.5), from: at(0.1), to: at(0.9), count: sorted.length };
}

/** The scores less their mean: softmax loses what is common to all, and so does its logarithm. */
const centred = (row) => {
  const mean = row.reduce((a, b) => a + b) / row.length;
  return row.map((value) => value - mean);
};

/** The largest difference of two sides' scores, relative to the largest score; and whether all best classes are the same. */
export function difference(ours, theirs) {
  let [largest, apart] = [0, 0];
  ours.forEach((row, picture) => {
    const [a, b] = [centred(row), centred(theirs[picture])];
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
