/**
 * Runs `work` on the items of `source`, at most `limit` at the same time, and yields the results in
 * the order of the source. Does not read further ahead.
 */
export async function* inParallel<Item, Result>(
  source: AsyncIterable<Item>,
  limit: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = [];
  for await (const item of source) {
    const result = work(item);
    result.catch(() => {}); // thrown when its turn comes
    running.push(result);
    if (running.length >= limit) yield await running.shift()!;
  }
  while (running.length > 0) yield await running.shift()!;
}
