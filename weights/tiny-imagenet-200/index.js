/** The addresses of the files of tiny-imagenet-200, for `load({ weights })`. Written by alexnet-ts with the set. */
export default {
  manifest: new URL('./model.json', import.meta.url),
  shards: {
    'shard-01-of-03.bin.gz': new URL('./shard-01-of-03.bin.gz', import.meta.url),
    'shard-02-of-03.bin.gz': new URL('./shard-02-of-03.bin.gz', import.meta.url),
    'shard-03-of-03.bin.gz': new URL('./shard-03-of-03.bin.gz', import.meta.url),
  },
};
