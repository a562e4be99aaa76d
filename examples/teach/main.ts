/** Teach it your own: name classes, add pictures, train, try, and take the model away. */
import {
  load,
  type RemoteModel as Model,
  type RemoteTunedModel as TunedModel,
} from 'alexnet-ts/worker';
import { byId } from '../gallery/elements';
import { status } from '../gallery/status';
import { Album } from './album';
import { arrivals } from './arrivals';
import { classCards, picker } from './classCards';
import { confusions } from './confusions';
import { dropping } from './dropping';
import { estimate } from './estimate';
import { extending } from './extending';
import { savedModels } from './savedModels';
import { training } from './training';
import { tryOut } from './tryOut';

const reports = {
  network: status(byId('network-status')),
  pictures: status(byId('pictures-status')),
  training: status(byId('training-status')),
  measuring: status(byId('measuring-status')),
  trying: status(byId('trying-status')),
  saving: status(byId('saving-status')),
};

// The network comes while the visitor adds pictures.
const base = load({ onProgress: reports.network.loading });
base.then(() => reports.network.say(''), reports.network.fail);

let model: Model | undefined;
const album = new Album(() => {
  cards.update();
  extend.update(model);
  guess();
});
const adding = arrivals(
  album,
  reports.pictures,
  byId<HTMLButtonElement>('cancel-adding'),
  byId('left-out'),
);
const cards = classCards(byId('classes'), album, adding, reports.pictures);
const guess = estimate(byId('estimate'), base, album);
const measuring = confusions(reports.measuring);
const trying = tryOut(reports.trying);
const saving = savedModels(base, reports.saving, (loaded, name) => {
  use(loaded, name);
  measuring.none(
    'A model that was loaded comes without its pictures, so there is nothing here to measure it by. Try it instead.',
  );
});
const extend = extending(album, reports.training, (extended, learnt) => {
  use(extended);
  measuring.none(
    learnt
      ? 'With the new class it has learnt from all pictures: none is kept back to measure it by. Press Train to start anew with some kept back.'
      : 'It knows a class less now. Press Train to have it measured again.',
  );
});
training({
  ...{ base, album, cards, report: reports.training },
  onTrained(tuned: TunedModel, kept) {
    use(tuned);
    if (kept.length > 0) return measuring.measure(tuned, kept);
    return measuring.none(
      'No picture was kept back, so nobody can say how often it will be right on new ones: being right on those it learnt from proves little.',
    );
  },
});

/** Puts a model in the place of the one before. */
function use(next: Model, name?: string) {
  const before = model;
  model = next;
  trying.use(next);
  saving.use(next, name);
  extend.update(next);
  before?.dispose();
}

dropping(album, cards, adding, reports.pictures, () => model !== undefined);
byId('ours').addEventListener('click', () => void adding.ours());
byId('ways').append(
  picker('Open a folder of class folders', { webkitdirectory: true }, adding.open),
);
byId('ways').append(picker('Open a zip of them', { accept: '.zip,application/zip' }, adding.open));
album.add();
album.add();
