/** Trains a classifier: add pictures, train, try it, save it. */
import type { TunedModel } from 'alexnet-ts/worker';
import { loadNetwork } from '../gallery/network';
import { byId } from '../gallery/elements';
import { countOf } from '../gallery/format';
import { statusLine } from '../gallery/statusLine';
import { pictureImport } from './pictureImport';
import { classCards } from './classCards';
import { filePicker } from './filePicker';
import { confusionMatrix } from './confusionMatrix';
import { dropTargets } from './dropTargets';
import { timeEstimate } from './timeEstimate';
import { classEditor } from './classEditor';
import { savedModels } from './savedModels';
import { training } from './training';
import { trainingSettings } from './trainingSettings';
import { mapSection } from './map/mapSection';
import { modelTester } from './modelTester';
import { projectBar } from './project/projectBar';
import { takeaway } from './takeaway/takeaway';
import { scrollPosition } from './scrollPosition';
import { undoBar } from './undoBar';
import { Workspace } from './workspace';

const statuses = {
  network: statusLine(byId('network-status')),
  pictures: statusLine(byId('pictures-status')),
  training: statusLine(byId('training-status')),
  validation: statusLine(byId('validation-status')),
  testing: statusLine(byId('try-status')),
  saving: statusLine(byId('save-status')),
  takeaway: statusLine(byId('takeaway-status')),
};

// Loads while the visitor adds pictures.
const base = loadNetwork({
  onProgress: statuses.network.loading,
  precision: 'float32', // as training, so that the results agree with the curves
});
base.then(() => statuses.network.show(''), statuses.network.fail);

const workspace = new Workspace(base);
const { trainingSet } = workspace;
const importer = pictureImport(
  trainingSet,
  statuses.pictures,
  byId<HTMLButtonElement>('cancel-import'),
  byId('skipped'),
);
const undo = undoBar();
const cards = classCards(byId('classes'), trainingSet, importer, statuses.pictures, undo);
workspace.on('pictures', () => {
  statuses.training.clearError(); // such as: add pictures first
  cards.update();
});
const estimate = timeEstimate(workspace);
const validation = confusionMatrix(workspace, statuses.validation);
const tester = modelTester(workspace, statuses.testing);
savedModels(workspace, statuses.saving, (loaded) => {
  workspace.use(loaded);
  validation.showNone(
    'Loaded models do not include pictures, so there is nothing to validate with. Try the model instead.',
  );
});
takeaway(
  workspace,
  statuses.takeaway,
  () => byId<HTMLInputElement>('model-name').value.trim() || 'model',
);
classEditor(workspace, statuses, (changed, change) => {
  workspace.use(changed);
  validation.showNone(
    change === 'added'
      ? 'Class added. The model was trained on all pictures, so none are left for validation. Press Train to train and validate again.'
      : 'Class removed. Press Train to train and validate again.',
  );
});
mapSection(workspace, undo);
const settings = trainingSettings(byId<HTMLFormElement>('settings'));
training({
  ...{ workspace, cards, estimate, settings, status: statuses.training },
  onTrained(tuned: TunedModel, pictures) {
    workspace.use(tuned);
    tester.startLive();
    if (pictures.length > 0) return validation.validate(pictures);
    return validation.showNone(
      'There are no held-out pictures, so the accuracy on new pictures is unknown.',
    );
  },
});

// The stored project replaces the classes, so nothing can be added before it is open.
const restoreScroll = scrollPosition();
const steps = document.querySelector<HTMLElement>('.steps')!;
steps.inert = true;
const projects = await projectBar({
  ...{ workspace, settings, importer, undo },
  addPictures: importer.addDataset,
  onOpen() {
    statuses.pictures.show('');
    statuses.training.show('');
  },
  onModel() {
    const { model } = workspace;
    if (model)
      statuses.training.show(
        `Trained: the model has ${countOf(model.labels.length, 'class', 'classes')}. Train again when the pictures have changed.`,
      );
    restoreScroll(); // the page is longer now
  },
});
steps.inert = false;
restoreScroll();

dropTargets({
  ...{ trainingSet, cards, importer, openZip: projects.openZip, status: statuses.pictures },
  canClassify: () => workspace.model !== undefined,
});
byId('add-samples').addEventListener('click', () => void importer.addSamples());
byId('ways').append(
  filePicker('Open a folder of classes', { webkitdirectory: true }, importer.addDataset),
  filePicker('Open a zip file', { accept: '.zip,application/zip' }, ([zip]) =>
    projects.openZip(zip!),
  ),
);
