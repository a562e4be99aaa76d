/** Sorts pictures by the distance of their features, as in figure 4 of the paper. */
import { loadNetwork } from '../gallery/network';
import { byId } from '../gallery/elements';
import { statusLine } from '../gallery/statusLine';
import { onFilesChosen, setBusy, showSkipped } from './toolbar';
import { dropTargets } from './dropTargets';
import {
  extractFeatures,
  indexPictures,
  type IndexingProgress,
  type PictureSource,
} from './indexing';
import { PictureIndex } from './pictureIndex';
import { results, type Query } from './results';
import { indexMessage, progressMessage, resultMessage } from './messages';
import { sampleSources, sourcesFromEvent } from './pictureSources';

const status = statusLine(byId('status'));
const loading = loadNetwork({ onProgress: status.loading });
const index = await PictureIndex.open();
const view = results(setQuery);
let query: Query | undefined;
let chosen = false; // whether the visitor chose the query; it is the first picture otherwise
let working = ready();
let cancel = () => {};

/** Shows the index before the network has loaded. */
async function ready() {
  refresh();
  try {
    const { origin, name } = await loading;
    const outdated = await index.deleteOthers(origin?.base.hash ?? name);
    if (outdated) reset();
    status.show(
      outdated
        ? 'The network has changed since your last visit. Add your pictures again.'
        : indexMessage(index),
    );
  } catch (error) {
    status.fail(error);
  }
}

/** Indexes pictures after those that were added before. */
function add(sources: Promise<PictureSource[]>) {
  working = working.then(async () => {
    const controller = new AbortController();
    cancel = () => controller.abort();
    setBusy(true);
    status.progress('Listing the pictures …');
    let drawn = performance.now();
    const onProgress = (progress: IndexingProgress) => {
      status.progress(progressMessage(progress), progress.done / progress.total);
      if (chosen || performance.now() - drawn < 2000) return;
      refresh();
      drawn = performance.now();
    };
    try {
      const result = await indexPictures(await sources, {
        model: await loading,
        index,
        signal: controller.signal,
        onProgress,
      });
      status.show(`${resultMessage(result)} ${indexMessage(index)}`);
      showSkipped(result.skipped);
    } catch (error) {
      status.fail(error);
    }
    setBusy(false);
    refresh();
  });
}

function setQuery(next: Query) {
  query = next;
  chosen = true;
  refresh();
  byId('query').focus({ preventScroll: true });
  byId('query').scrollIntoView({ block: 'nearest' });
}

/** Uses a picture as the query without adding it to the index. */
async function queryWith(file: File) {
  status.progress(`Comparing with ${file.name} …`);
  try {
    setQuery({ name: file.name, ...(await extractFeatures(await loading, file, file.name)) });
    status.show(
      `Sorted by similarity to ${file.name}, which is not in the index. ${indexMessage(index)}`,
    );
  } catch (error) {
    status.fail(error);
  }
}

function refresh() {
  const { entries } = index;
  byId('clear').hidden = entries.length === 0;
  query ??= entries[0];
  if (query && entries.length) view.show(entries, query);
}

function reset() {
  query = undefined;
  chosen = false;
  view.clear();
  showSkipped([]);
  refresh();
}

/** Reads the files immediately: those of a drop are gone when its handler returns. */
function addFrom(event: Event) {
  const sources = sourcesFromEvent(event);
  add(sources);
  return sources;
}

onFilesChosen('folder', addFrom);
onFilesChosen('pictures', addFrom);
onFilesChosen('query-file', async ({ target }) =>
  queryWith((target as HTMLInputElement).files![0]!),
);
dropTargets(byId('query'), { onQuery: (file) => void queryWith(file), onAdd: addFrom });
document.addEventListener(
  'paste',
  ({ clipboardData }) => clipboardData?.files[0] && void queryWith(clipboardData.files[0]),
);
byId('add-samples').addEventListener('click', () => add(Promise.resolve(sampleSources())));
byId('cancel').addEventListener('click', () => cancel());
byId('clear').addEventListener('click', async () => {
  await index.clear();
  reset();
  status.show(indexMessage(index));
});
