/** Work on several things at once, with no more read ahead than that. */

/** What `work` makes of each item, in the order of `source`; so many are under way at most, and the source is asked for no more. */
export async function* inParallel<Item, Result>(
  source: AsyncIterable<Item>,
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = [];
  for await (const item of source) {
    const result = work(item);
    result.catch(() => {}); // it is thrown when its turn comes
    underWay.push(result);
    if (underWay.length >= atOnce) yield await underWay.shift()!;
  }
  while (underWay.length > 0) yield await underWay.shift()!;
}
