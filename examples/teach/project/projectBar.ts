/** projectBar: the name of the project, whether it is saved, and what opens another one. */
import { button, byId } from '../../gallery/elements';
import { statusLine } from '../../gallery/statusLine';
import { filePicker } from '../filePicker';
import { offerDownload } from '../offerDownload';
import type { PictureImport } from '../pictureImport';
import { uniqueId } from '../trainingSet';
import type { TrainingSettings } from '../trainingSettings';
import type { UndoBar } from '../undoBar';
import type { Workspace } from '../workspace';
import { freeName, type Project } from './project';
import { readProjectFile, writeProjectFile, type OpenedProject } from './projectFile';
import { ProjectSession, type SaveState } from './projectSession';
import { projectList } from './projectList';
import { openProjectStore } from './projectStore';

const FIRST_NAME = 'My classifier';
/** The project of this tab, which a reload or Back opens again. */
const TAB_KEY = 'teach-project';

const STATES: Record<SaveState, string> = {
  empty: 'Nothing to save yet',
  unsaved: 'Unsaved changes',
  saving: 'Saving …',
  saved: 'Saved in this browser',
  memory: 'Not saved: this window cannot store anything. Download the project before you close it.',
  conflict: 'Unsaved changes',
  failed: 'Unsaved changes',
};

export interface ProjectBarOptions {
  workspace: Workspace;
  settings: TrainingSettings;
  importer: PictureImport;
  undo: UndoBar;
  /** Called when another project is shown. */
  onOpen(): void;
  /** Called when the model of the project has been loaded. */
  onModel(): void;
  /** Adds the pictures of a zip that is not a project's. */
  addPictures(zip: File): Promise<void>;
}

export interface ProjectBar {
  /** Opens a project's file as a new project, or adds the pictures of another zip. */
  openZip(zip: File): Promise<void>;
}

export async function projectBar(options: ProjectBarOptions): Promise<ProjectBar> {
  const { workspace, settings, importer, undo, onOpen, onModel, addPictures } = options;
  const status = statusLine(byId('project-status'));
  const field = byId<HTMLInputElement>('project-name');
  const state = byId('project-state');
  const store = await openProjectStore();
  const session = new ProjectSession(workspace, settings, store, {
    onState(next, error) {
      state.textContent = STATES[next];
      state.dataset.state = next;
      if (next === 'conflict') offerChoice(error);
      else if (next === 'failed') status.fail(withAdvice(error), () => session.rename(field.value));
      else if (next === 'saved') status.clearError();
      if (next === 'saved' || next === 'memory') {
        rememberInTab(session.id);
        void projects.refresh();
      }
    },
    onModel(error) {
      if (error !== undefined)
        status.fail(
          new Error(
            'The model of this project cannot be used here: it was trained on another network. Press Train to train it again.',
          ),
        );
      else onModel();
    },
  });
  const attempt = async (work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      status.fail(error);
    }
  };

  const projects = projectList({
    ...{ store, session, undo, attempt },
    open: (id) => leaving(() => openProject(id)),
    onDelete: () => startNew(),
  });

  const otherVersion = button(
    'Discard my changes',
    () =>
      attempt(async () => {
        session.discard();
        if (await session.open(session.id)) shown();
        else await startNew();
      }),
    { hidden: true },
  );
  const conflict = statusLine(byId('project-conflict'));
  byId('project-conflict').after(otherVersion);

  function resolved() {
    otherVersion.hidden = true;
    conflict.show('');
  }

  /** Another tab has written: neither version is lost. */
  function offerChoice(error: unknown) {
    otherVersion.hidden = false;
    conflict.offer(
      `${(error as Error).message} Your changes in this tab are not saved.`,
      'Keep my changes as a copy',
      () =>
        attempt(async () => {
          resolved();
          await session.saveAsCopy();
          field.value = session.name;
          status.show(`Your changes are now in the project “${session.name}”.`);
        }),
    );
  }

  /** Runs `work`, which shows another project, unless it would lose changes. */
  const leaving = (work: () => Promise<unknown>) =>
    attempt(async () => {
      await session.flush();
      if (session.state === 'conflict')
        throw new Error('First choose what to do with the changes in this tab.');
      if (session.state !== 'failed') return work();
      status.offer(
        'The last changes of this project could not be saved. Download it first, or continue without them.',
        'Continue without them',
        () =>
          attempt(async () => {
            session.discard();
            await work();
          }),
      );
    });

  function shown() {
    resolved();
    field.value = session.name;
    status.show('');
    onOpen();
  }

  async function startNew(name = FIRST_NAME) {
    await session.create(freeName(name, projects.names()));
    shown();
    await projects.refresh();
  }

  async function openProject(id: string) {
    if (await session.open(id)) shown();
    else status.fail(new Error('This project was deleted in another tab.'));
    await projects.refresh();
  }

  async function openZip(file: File): Promise<void> {
    // A file that is not a complete zip is reported where pictures are added.
    const opened = await readProjectFile(file, uniqueId);
    if (opened) await leaving(() => openProjectFile(opened, file.name));
    else await addPictures(file);
  }

  async function openProjectFile(opened: OpenedProject, fileName: string) {
    await session.create(freeName(opened.name, projects.names()));
    const { trainingSet } = workspace;
    trainingSet.replace([]);
    settings.restore(opened.settings);
    const items = opened.classes.flatMap(({ name, enabled, pictures }) => {
      const target = trainingSet.add(name);
      if (!enabled) trainingSet.enable(target, false);
      return pictures.map((picture) => ({ target, file: picture }));
    });
    shown();
    await importer.addAll(items);
    if (opened.model) session.restoreModel(opened.model);
    session.rename(session.name);
    status.show(`Opened “${session.name}” from ${fileName}.`);
  }

  async function download() {
    status.progress('Packing the project …');
    const project: Project = await session.snapshot();
    const file = await writeProjectFile(project);
    const name = offerDownload(file, session.name, '.zip');
    status.show(
      `Downloaded ${name}. Open it here again, or train on it with: npx alexnet fine-tune "${name}" -o model`,
    );
  }

  // Without waiting for the store, so that leaving the page at once asks.
  field.addEventListener('change', () => {
    const name = field.value.trim();
    if (name === session.name) return;
    if (name !== '' && freeName(name, projects.names(session.id)) === name) {
      status.show('');
      session.rename(name);
      return;
    }
    field.value = session.name;
    status.fail(
      new Error(
        name === ''
          ? `A project must have a name. This one is still called “${session.name}”.`
          : `There is already a project “${name}”. Choose another name.`,
      ),
    );
  });
  field.addEventListener('keydown', ({ key }) => key === 'Enter' && field.blur());
  byId('new-project').addEventListener('click', () => void leaving(() => startNew()));
  byId('download-project').addEventListener('click', () => void attempt(download));
  byId('download-project').before(
    filePicker('Open a file', { accept: '.zip,application/zip' }, ([file]) =>
      attempt(() => openZip(file!)),
    ),
  );

  addEventListener('beforeunload', (event) => {
    if (!session.isPending && session.state !== 'memory') return;
    void session.flush();
    event.preventDefault();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') void session.flush();
  });

  await attempt(() => projects.refresh());
  const last = tabProject() ?? (await store.list())[0]?.id;
  const isOpen = await (last ? session.open(last) : Promise.resolve(false)).catch(
    (error: unknown) => {
      status.fail(error);
      return false;
    },
  );
  await attempt(async () => {
    if (isOpen) shown();
    else await startNew();
    await projects.refresh();
  });
  return { openZip: (zip) => attempt(() => openZip(zip)) };
}

function withAdvice(error: unknown): unknown {
  if ((error as Error).name !== 'QuotaExceededError') return error;
  return new Error(
    'The browser is out of storage space, so the last changes are not saved. Download the project, or delete another one.',
  );
}

/** Some browsers refuse storage: then a reload opens the project that was saved last. */
function tabProject(): string | undefined {
  try {
    return sessionStorage.getItem(TAB_KEY) ?? undefined;
  } catch {
    return undefined;
  }
}

function rememberInTab(id: string): void {
  try {
    sessionStorage.setItem(TAB_KEY, id);
  } catch {
    // see tabProject
  }
}
