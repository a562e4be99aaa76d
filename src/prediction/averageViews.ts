/** averageViews: one prediction per image from several views of it (paper, section 4.1). */

/**
 * Returns the mean over the views of each image: `[images · views, classes]` → one row an image.
 */
export function averageViews(
  { shape, data }: { shape: readonly number[]; data: Float32Array },
  views: number,
): Float32Array[] {
  const classes = shape[1]!;
  return Array.from({ length: shape[0]! / views }, (_, image) => {
    const mean = new Float32Array(classes);
    for (let view = 0; view < views; view++) {
      for (let i = 0; i < classes; i++)
        mean[i]! += data[(image * views + view) * classes + i]! / views;
    }
    return mean;
  });
}
