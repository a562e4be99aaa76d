/** Look-alikes: pictures sorted by the distance of their features, as in figure 4 of the paper. */
import { load } from 'alexnet-ts/worker';
import { byId } from '../gallery/elements';
import { status } from '../gallery/status';
import { onChoice, setBusy, showLeftOut } from './controls';
import { drops } from './drops';
import { describe, indexPictures, type Pace, type Source } from './indexing';
import { PictureIndex } from './pictureIndex';
import { results, type Query } from './results';
import { outcomeSentence, paceSentence, restSentence } from './sentences';
import { ours, sourcesOf } from './sources';

const report = status(byId('status'));
const loading = load({ onProgress: report.loading });
const index = await PictureIndex.open();
const view = results(choose);
let query: Query | undefined;
let chosen = false; // by the visitor: else the first picture stands there
let working = ready();
let cancel = () => {};

/** What is in the index can be looked at before the network is there. */
async function ready() {
  refresh();
  try {
    const { origin, name } = await loading;
    const old = await index.keepOnly(origin?.base.hash ?? name);
    if (old) reset();
    report.say(
      old
        ? 'The network has changed since your last visit: please index your pictures anew.'
        : restSentence(index),
    );
  } catch (error) {
    report.fail(error);
  }
}

/** One folder after the other. */
function add(sources: Promise<Source[]>) {
  working = working.then(async () => {
    const controller = new AbortController();
    cancel = () => controller.abort();
    setBusy(true);
    report.progress('Reading the list of pictures …');
    let drawn = performance.now();
    const onPace = (pace: Pace) => {
      report.progress(paceSentence(pace), pace.done / pace.total);
      if (chosen || performance.now() - drawn < 2000) return;
      refresh();
      drawn = performance.now();
    };
    try {
      const outcome = await indexPictures(await sources, {
        model: await loading,
        index,
        signal: controller.signal,
        onPace,
      });
      report.say(`${outcomeSentence(outcome)} ${restSentence(index)}`);
      showLeftOut(outcome.leftOut);
    } catch (error) {
      report.fail(error);
    }
    setBusy(false);
    refresh();
  });
}

function choose(next: Query) {
  query = next;
  chosen = true;
  refresh();
  byId('query').focus({ preventScroll: true });
  byId('query').scrollIntoView({ block: 'nearest' });
}

/** Sorts by a picture that is not added. */
async function ask(file: File) {
  report.progress(`Looking at ${file.name} …`);
  try {
    choose({ name: file.name, ...(await describe(await loading, file, file.name)) });
    report.say(`Sorted by ${file.name}, which is not in the index. ${restSentence(index)}`);
  } catch (error) {
    report.fail(error);
  }
}

function refresh() {
  const { entries } = index;
  byId('forget').hidden = entries.length === 0;
  query ??= entries[0];
  if (query && entries.length) view.show(entries, query);
}

function reset() {
  query = undefined;
  chosen = false;
  view.clear();
  showLeftOut([]);
  refresh();
}

/** The files of a drop are there only while its event is handled: they are taken at once. */
function addFrom(event: Event) {
  const sources = sourcesOf(event);
  add(sources);
  return sources;
}

onChoice('folder', addFrom);
onChoice('pictures', addFrom);
onChoice('another', async ({ target }) => ask((target as HTMLInputElement).files![0]!));
drops(byId('query'), { onQuery: (file) => void ask(file), onAdd: addFrom });
document.addEventListener(
  'paste',
  ({ clipboardData }) => clipboardData?.files[0] && void ask(clipboardData.files[0]),
);
byId('ours').addEventListener('click', () => add(Promise.resolve(ours())));
byId('cancel').addEventListener('click', () => cancel());
byId('forget').addEventListener('click', async () => {
  await index.clear();
  reset();
  report.say(restSentence(index));
});
