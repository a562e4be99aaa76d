/** projectList: the projects of this browser, each of which can be opened or deleted. */
import { button, byId, createElement } from '../../gallery/elements';
import { countOf, formatList } from '../../gallery/format';
import type { UndoBar } from '../undoBar';
import type { ProjectRecord } from './project';
import type { ProjectSession } from './projectSession';
import type { ProjectStore } from './projectStore';

const DATE = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeStyle: 'short' });

interface ProjectListOptions {
  store: ProjectStore;
  session: ProjectSession;
  undo: UndoBar;
  /** Runs `work`, and shows its error. */
  attempt(work: () => Promise<unknown>): Promise<void>;
  /** Opens another project. */
  open(id: string): Promise<void>;
  /** Called when the open project has been deleted. */
  onDelete(): Promise<void>;
}

export interface ProjectList {
  /** Reads and shows the projects. */
  refresh(): Promise<void>;
  /** The names of the projects, as last read, but not that of `except`. */
  names(except?: string): string[];
}

export function projectList(options: ProjectListOptions): ProjectList {
  const { store, session, undo, attempt, open, onDelete } = options;
  const list = byId('projects');
  let records: readonly ProjectRecord[] = [];

  const row = (record: ProjectRecord) => {
    const { id, name, classes, savedAt } = record;
    const pictures = classes.reduce((sum, each) => sum + each.pictures.length, 0);
    const about = createElement(
      'span',
      { className: 'about' },
      createElement('strong', {}, name),
      `${formatList(classes.map((each) => each.name))} · ${countOf(pictures, 'picture')} · ${DATE.format(savedAt)}`,
    );
    const buttons = createElement(
      'span',
      { className: 'toolbar' },
      id === session.id
        ? createElement('span', { className: 'note' }, 'open')
        : button('Open', () => open(id), {
            className: 'quiet',
            ariaLabel: `Open the project ${name}`,
          }),
      button('Delete', () => attempt(() => remove(record)), {
        className: 'quiet',
        ariaLabel: `Delete the project ${name}`,
      }),
    );
    return createElement('li', {}, about, buttons);
  };

  async function refresh() {
    records = await store.list();
    list.replaceChildren(...records.map(row));
    byId('project-count').textContent = String(records.length);
    byId('project-list').hidden = records.length === 0;
  }

  async function remove({ id, name }: ProjectRecord) {
    if (id === session.id) {
      await session.flush();
      session.discard();
    }
    const project = await store.read(id);
    await store.delete(id);
    await refresh();
    if (id === session.id) await onDelete();
    byId<HTMLDetailsElement>('project-list').querySelector('summary')!.focus();
    if (!project) return;
    undo.offer(`Project “${name}” deleted.`, () =>
      attempt(async () => {
        await store.write({
          record: { ...project.record, version: 0 },
          added: [...project.pictures.values()],
          removed: [],
          model: project.model,
        });
        await refresh();
      }),
    );
  }

  return {
    refresh,
    names: (except) => records.filter(({ id }) => id !== except).map(({ name }) => name),
  };
}
