/** TrainingSet: the visitor's classes and their pictures. Independent of the page. */
import type { Dataset } from 'alexnet-ts';

export interface ClassPicture {
  /** Unique, also among the pictures of other projects. */
  readonly id: string;
  name: string;
  readonly blob: Blob;
  /** A small version. */
  readonly small: Blob;
  /** URL of the small version, for an `<img>`. */
  readonly thumbnail: string;
}

export interface PictureClass {
  /** Unique within the training set. */
  readonly id: string;
  name: string;
  /** In the order they were added. */
  readonly pictures: ClassPicture[];
  /** Whether training uses the class. */
  enabled: boolean;
}

/** Reverts a change. Calling it again does nothing. */
export type Undo = () => void;

/** Whether two names differ only in case and spaces. */
const isSameName = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();

/** Returns an id that no other picture or class has. `crypto.randomUUID` requires https. */
export const uniqueId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');

/** Thumbnail URLs. Creating thousands takes seconds, so each is created when it is first used. */
const thumbnails = new WeakMap<ClassPicture, string>();

/** Returns a picture with an id and the URL of its small version. */
export function createPicture(
  fields: Pick<ClassPicture, 'name' | 'blob' | 'small'> & { id?: string },
): ClassPicture {
  const picture: ClassPicture = {
    id: uniqueId(),
    ...fields,
    get thumbnail() {
      const url = thumbnails.get(picture) ?? URL.createObjectURL(fields.small);
      thumbnails.set(picture, url);
      return url;
    },
  };
  return picture;
}

/** Releases the URL of a picture that is no longer shown. */
export function releaseThumbnail(picture: ClassPicture): void {
  const url = thumbnails.get(picture);
  if (url !== undefined) URL.revokeObjectURL(url);
  thumbnails.delete(picture);
}

export class TrainingSet {
  readonly classes: PictureClass[] = [];
  readonly #listeners = new Set<() => void>();

  /** Calls `listener` synchronously after every change. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  /** The number of pictures. */
  get size(): number {
    return this.classes.reduce((sum, { pictures }) => sum + pictures.length, 0);
  }

  find(name: string): PictureClass | undefined {
    return this.classes.find((each) => isSameName(each.name, name));
  }

  /** Returns the class that contains a picture. */
  classOf(picture: ClassPicture): PictureClass | undefined {
    return this.classes.find(({ pictures }) => pictures.includes(picture));
  }

  /** Returns the class with this name, or adds it. The default name is Class 1, Class 2, … */
  add(name?: string): PictureClass {
    let n = this.classes.length + 1;
    while (name === undefined && this.find(`Class ${n}`)) n++;
    const found = name === undefined ? undefined : this.find(name);
    const added = found ?? {
      id: uniqueId(),
      name: name ?? `Class ${n}`,
      pictures: [],
      enabled: true,
    };
    if (!found) this.classes.push(added);
    this.#changed();
    return added;
  }

  /** @throws Error if the name is empty or another class has it. */
  rename(target: PictureClass, newName: string): void {
    const name = newName.trim();
    if (name === '')
      throw new Error(`A class must have a name. This one is still called “${target.name}”.`);
    const twin = this.classes.find((each) => each !== target && isSameName(each.name, name));
    if (twin)
      throw new Error(
        `There is already a class “${twin.name}”. Choose another name, or add the pictures to that class.`,
      );
    target.name = name;
    this.#changed();
  }

  /** Sets whether training uses a class. */
  enable(target: PictureClass, enabled: boolean): void {
    target.enabled = enabled;
    this.#changed();
  }

  delete(target: PictureClass): Undo {
    const at = this.classes.indexOf(target);
    this.classes.splice(at, 1);
    this.#changed();
    return once(() => {
      const twin = this.find(target.name);
      if (twin) twin.pictures.push(...target.pictures);
      else this.classes.splice(at, 0, target);
      this.#changed();
    });
  }

  /** Deletes empty classes with default names. */
  deleteUnused(): void {
    for (const each of this.classes.filter(
      ({ name, pictures }) => pictures.length === 0 && /^Class \d+$/.test(name),
    ))
      this.delete(each);
  }

  /** Adds pictures to the ends of classes. */
  addPictures(items: readonly { target: PictureClass; picture: ClassPicture }[]): void {
    for (const { target, picture } of items) target.pictures.push(picture);
    if (items.length > 0) this.#changed();
  }

  removePicture(target: PictureClass, picture: ClassPicture): Undo {
    return this.removePictures([picture].filter((each) => target.pictures.includes(each)));
  }

  /** Removes pictures from their classes. */
  removePictures(pictures: readonly ClassPicture[]): Undo {
    const removed = this.#take(pictures);
    this.#changed();
    return once(() => this.#putBack(removed));
  }

  /** Moves pictures to a class. */
  movePictures(pictures: readonly ClassPicture[], target: PictureClass): Undo {
    const moved = this.#take(pictures);
    target.pictures.push(...moved.map(({ picture }) => picture));
    this.#changed();
    return once(() => {
      this.#take(pictures);
      this.#putBack(moved);
    });
  }

  /** Replaces all classes, such as by those of another project. */
  replace(classes: readonly PictureClass[]): void {
    this.classes.splice(0, this.classes.length, ...classes);
    this.#changed();
  }

  #take(pictures: readonly ClassPicture[]) {
    const wanted = new Set(pictures);
    const taken: { from: PictureClass; at: number; picture: ClassPicture }[] = [];
    for (const from of this.classes) {
      from.pictures.forEach((picture, at) => {
        if (wanted.has(picture)) taken.push({ from, at, picture });
      });
      const left = from.pictures.filter((picture) => !wanted.has(picture));
      from.pictures.splice(0, from.pictures.length, ...left);
    }
    return taken;
  }

  #putBack(taken: readonly { from: PictureClass; at: number; picture: ClassPicture }[]) {
    for (const { from, at, picture } of taken) {
      const target = this.classes.includes(from) ? from : this.find(from.name);
      if (target) target.pictures.splice(at, 0, picture);
      else this.classes.push({ ...from, pictures: [picture] });
    }
    this.#changed();
  }

  /**
   * Returns a dataset for `fineTune` of the enabled classes, and its pictures in the same
   * order.
   *
   * @throws Error if pictures or classes are missing.
   */
  dataset(): { dataset: Dataset; pictures: ClassPicture[] } {
    const used = this.classes.filter(({ enabled }) => enabled);
    const filled = used.filter(({ pictures }) => pictures.length > 0);
    if (this.size === 0)
      throw new Error(
        'There are no pictures yet. Add some to each class, or use the sample pictures.',
      );
    const empty = used.find(({ pictures }) => pictures.length === 0);
    if (empty)
      throw new Error(`The class “${empty.name}” has no pictures. Add some or delete the class.`);
    if (filled.length < 2) {
      const only = filled[0] ? `only one class, “${filled[0].name}”` : 'no class to train on';
      const advice =
        this.classes.length > used.length
          ? 'check “train on it” for another one'
          : 'add another one';
      throw new Error(`There is ${only}. Training needs at least two: ${advice}.`);
    }
    const examples = filled.flatMap(({ pictures }, label) =>
      pictures.map(({ blob, name }) => ({ image: blob, label, name })),
    );
    return {
      dataset: { classes: filled.map(({ name }) => name), examples, problems: [] },
      pictures: filled.flatMap(({ pictures }) => pictures),
    };
  }
}

function once(work: () => void): Undo {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}
