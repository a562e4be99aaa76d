/** Trains a classifier: add pictures, train, try it, save it. */
import type { Model, TunedModel } from 'alexnet-ts/worker';
import { loadNetwork } from '../gallery/network';
import { byId } from '../gallery/elements';
import { statusLine } from '../gallery/statusLine';
import { TrainingSet } from './trainingSet';
import { pictureImport } from './pictureImport';
import { classCards, filePicker } from './classCards';
import { confusionMatrix } from './confusionMatrix';
import { dropTargets } from './dropTargets';
import { timeEstimate } from './timeEstimate';
import { classEditor } from './classEditor';
import { savedModels } from './savedModels';
import { training } from './training';
import { modelTester } from './modelTester';

const statuses = {
  network: statusLine(byId('network-status')),
  pictures: statusLine(byId('pictures-status')),
  training: statusLine(byId('training-status')),
  validation: statusLine(byId('validation-status')),
  testing: statusLine(byId('try-status')),
  saving: statusLine(byId('save-status')),
};

// Loads while the visitor adds pictures.
const base = loadNetwork({ onProgress: statuses.network.loading });
base.then(() => statuses.network.show(''), statuses.network.fail);

let model: Model | undefined;
const trainingSet = new TrainingSet(() => {
  statuses.training.clearError(); // such as: add pictures first
  cards.update();
  editor.update(model);
  updateEstimate();
});
const importer = pictureImport(
  trainingSet,
  statuses.pictures,
  byId<HTMLButtonElement>('cancel-import'),
  byId('skipped'),
);
const cards = classCards(byId('classes'), trainingSet, importer, statuses.pictures);
const updateEstimate = timeEstimate(byId('estimate'), base, trainingSet);
const validation = confusionMatrix(statuses.validation);
const tester = modelTester(statuses.testing);
const saving = savedModels(base, statuses.saving, (loaded, name) => {
  use(loaded, name);
  validation.showNone(
    'Loaded models do not include pictures, so there is nothing to validate with. Try the model instead.',
  );
});
const editor = classEditor(trainingSet, statuses.training, (changed, change) => {
  use(changed);
  validation.showNone(
    change === 'added'
      ? 'Class added. The model was trained on all pictures, so none are left for validation. Press Train to train and validate again.'
      : 'Class removed. Press Train to train and validate again.',
  );
});
training({
  ...{ base, trainingSet, cards, status: statuses.training },
  onTrained(tuned: TunedModel, pictures) {
    use(tuned);
    if (pictures.length > 0) return validation.validate(tuned, pictures);
    return validation.showNone(
      'There are no validation pictures, so the accuracy on new pictures is unknown.',
    );
  },
});

/** Replaces the current model. */
function use(next: Model, name?: string) {
  const before = model;
  model = next;
  tester.use(next);
  saving.use(next, name);
  editor.update(next);
  before?.dispose();
}

dropTargets({
  ...{ trainingSet, cards, importer, status: statuses.pictures },
  canClassify: () => model !== undefined,
});
byId('add-samples').addEventListener('click', () => void importer.addSamples());
byId('ways').append(
  filePicker('Open a folder of classes', { webkitdirectory: true }, importer.addDataset),
);
byId('ways').append(
  filePicker('Open a zip file', { accept: '.zip,application/zip' }, importer.addDataset),
);
trainingSet.add();
trainingSet.add();
