/**
 * ProjectSession: saves the workspace as a project while the visitor works, and opens projects.
 */
import { load, type Model } from 'alexnet-ts/worker';
import { createPicture, releaseThumbnail, uniqueId, type PictureClass } from '../trainingSet';
import type { TrainingSettings } from '../trainingSettings';
import type { Workspace } from '../workspace';
import { asFiles, modelFiles } from './modelFiles';
import { ConflictError, freeName, type Project, type ProjectModel } from './project';
import type { ProjectStore } from './projectStore';

export type SaveState =
  /** Nothing to save yet. */
  | 'empty'
  | 'unsaved'
  | 'saving'
  | 'saved'
  /** Kept only until the page is closed, because the browser has no storage for it. */
  | 'memory'
  /** Another tab has changed or deleted the project. */
  | 'conflict'
  /** The last save failed; the next change tries again. */
  | 'failed';

/** Time from a change to its save, in ms: changes in quick succession are saved together. */
const DELAY = 400;
/** Pictures written at once, so that little is lost if the tab is closed meanwhile. */
const MAX_PICTURES = 100;

interface SessionEvents {
  onState(state: SaveState, error?: unknown): void;
  /** Called when the stored model of an opened project has been loaded, or cannot be. */
  onModel(error?: unknown): void;
}

export class ProjectSession {
  state: SaveState = 'empty';
  id = uniqueId();
  name = '';
  #version = 0;
  #savedPictures = new Set<string>();
  /** What the store has of the model. */
  #savedModel: Model | undefined;
  #savedResults: Workspace['results'] = [];
  /** The stored model while it is loading. */
  #storedModel: ProjectModel | undefined;
  #dirty = false;
  #opening = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> | undefined;

  constructor(
    private readonly workspace: Workspace,
    private readonly settings: TrainingSettings,
    readonly store: ProjectStore,
    private readonly events: SessionEvents,
  ) {
    for (const event of ['pictures', 'model', 'results'] as const)
      workspace.on(event, () => this.#changed());
    settings.onChange(() => this.#changed());
  }

  /** Whether closing the page now would lose something. */
  get isPending(): boolean {
    return this.#dirty || this.#writing !== undefined;
  }

  rename(name: string): void {
    this.name = name;
    this.#changed();
  }

  /** Starts an empty project, after the current one has been saved. */
  async create(name: string): Promise<void> {
    await this.flush();
    this.#show({
      record: { id: uniqueId(), name, version: 0, savedAt: 0, classes: [], settings: {} },
      pictures: new Map(),
      model: undefined,
    });
  }

  /** Opens a project of the store, after the current one has been saved. Returns whether it exists. */
  async open(id: string): Promise<boolean> {
    await this.flush();
    const project = await this.store.read(id);
    if (project) this.#show(project);
    return project !== undefined;
  }

  /** Uses a model from a project file, whose pictures have been added already. */
  restoreModel(model: ProjectModel): void {
    this.#storedModel = model;
    void this.#loadModel(model, { saved: false });
  }

  /** Continues as a new project, such as after a conflict. */
  async saveAsCopy(): Promise<void> {
    const names = (await this.store.list()).map(({ name }) => name);
    this.id = uniqueId();
    this.name = freeName(this.name, names);
    this.#version = 0;
    this.#savedPictures = new Set();
    this.#savedModel = undefined;
    this.#savedResults = [];
    this.#setState('unsaved');
    this.#changed();
    await this.flush();
  }

  /** Forgets unsaved changes, to open another project or version. */
  discard(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#dirty = false;
    if (this.state !== 'saving') this.state = 'saved';
  }

  /** Saves now what has not been saved. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#writing;
    while (this.#dirty && this.state !== 'conflict' && this.state !== 'failed') await this.#write();
  }

  /** The project as it is now, to download it. */
  async snapshot(): Promise<Project> {
    const { model } = this.workspace;
    return {
      record: this.#record(),
      pictures: this.#pictures(),
      model: model ? await this.#modelOf(model) : this.#storedModel,
    };
  }

  #changed(): void {
    if (this.#opening) return;
    this.#dirty = true;
    if (this.state === 'conflict') return;
    this.#setState('unsaved');
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#write();
    }, DELAY);
  }

  #setState(state: SaveState, error?: unknown): void {
    this.state = state === 'saved' && !this.store.persistent ? 'memory' : state;
    this.events.onState(this.state, error);
  }

  #pictures() {
    const all = this.workspace.trainingSet.classes.flatMap(({ pictures }) => pictures);
    return new Map(all.map((picture) => [picture.id, picture]));
  }

  #record() {
    return {
      id: this.id,
      name: this.name,
      version: this.#version,
      savedAt: Date.now(),
      settings: this.settings.values(),
      classes: this.workspace.trainingSet.classes.map(({ id, name, enabled, pictures }) => ({
        ...{ id, name, enabled },
        pictures: pictures.map((picture) => picture.id),
      })),
    };
  }

  async #modelOf(model: Model): Promise<ProjectModel> {
    const results = this.workspace.results.map(({ picture, ...result }) => ({
      ...result,
      picture: picture.id,
    }));
    return { files: await modelFiles(model), results };
  }

  /** What to write of the model: undefined if the store has it already. */
  async #modelChange(): Promise<ProjectModel | null | undefined> {
    const { model, results } = this.workspace;
    if (!model) {
      if (this.#storedModel) return this.#version === 0 ? this.#storedModel : undefined;
      return this.#savedModel ? null : undefined;
    }
    if (model === this.#savedModel && results === this.#savedResults) return undefined;
    return this.#modelOf(model);
  }

  async #write(): Promise<void> {
    while (this.#writing) await this.#writing;
    if (!this.#dirty) return;
    this.#writing = this.#writeOnce().finally(() => (this.#writing = undefined));
    await this.#writing;
    if (this.#dirty && this.state === 'saving') this.#changed();
    else if (this.state === 'saving') this.#setState('saved');
  }

  async #writeOnce(): Promise<void> {
    const { id } = this;
    try {
      this.#setState('saving');
      this.#dirty = false;
      const { model, results } = this.workspace;
      const pictures = this.#pictures();
      const all = [...pictures.values()].filter((each) => !this.#savedPictures.has(each.id));
      const added = all.slice(0, MAX_PICTURES);
      if (all.length > added.length) this.#dirty = true; // the others follow
      const removed = [...this.#savedPictures].filter((each) => !pictures.has(each));
      const change = await this.#modelChange();
      const record = this.#record();
      const version = await this.store.write({ record, added, removed, model: change });
      if (id !== this.id) return; // another project has been opened
      this.#version = version;
      for (const picture of added) this.#savedPictures.add(picture.id);
      for (const picture of removed) this.#savedPictures.delete(picture);
      if (model || !this.#storedModel) {
        this.#savedModel = model;
        this.#savedResults = results;
      }
    } catch (error) {
      if (id !== this.id) return;
      this.#dirty = true;
      this.#setState(error instanceof ConflictError ? 'conflict' : 'failed', error);
    }
  }

  /** Shows a project, without saving it. */
  #show({ record, pictures, model }: Project): void {
    const { trainingSet } = this.workspace;
    this.#opening = true;
    try {
      this.id = record.id;
      this.name = record.name;
      this.#version = record.version;
      this.#savedPictures = new Set(pictures.keys());
      this.#savedModel = undefined;
      this.#savedResults = [];
      this.#storedModel = model;
      this.#dirty = false;
      this.workspace.use(undefined);
      for (const { pictures: shown } of trainingSet.classes) shown.forEach(releaseThumbnail);
      trainingSet.replace(
        record.classes.map(({ pictures: ids, ...fields }): PictureClass => ({
          ...fields,
          pictures: ids.flatMap((each) => {
            const found = pictures.get(each);
            return found ? [createPicture(found)] : [];
          }),
        })),
      );
      while (record.version === 0 && trainingSet.classes.length < 2) trainingSet.add();
      this.settings.restore(record.settings);
      this.#setState(record.version === 0 ? 'empty' : 'saved');
    } finally {
      this.#opening = false;
    }
    if (model) void this.#loadModel(model, { saved: true });
  }

  /** Loads a stored model, unless the visitor trains another one first. */
  async #loadModel(stored: ProjectModel, { saved }: { saved: boolean }): Promise<void> {
    const isCurrent = () => this.#storedModel === stored && !this.workspace.model;
    try {
      const base = await this.workspace.base;
      if (!isCurrent()) return;
      const model = await load({ weights: asFiles(stored.files), base });
      if (!isCurrent()) return model.dispose();
      const pictures = this.#pictures();
      this.#opening = saved;
      this.workspace.use(model);
      this.workspace.setResults(
        stored.results.flatMap(({ picture, ...result }) => {
          const found = pictures.get(picture);
          return found ? [{ ...result, picture: found }] : [];
        }),
      );
      this.#storedModel = undefined;
      if (saved) {
        this.#savedModel = model;
        this.#savedResults = this.workspace.results;
      }
      this.#opening = false;
      this.events.onModel();
    } catch (error) {
      this.#opening = false;
      if (isCurrent()) this.events.onModel(error);
    }
  }
}
