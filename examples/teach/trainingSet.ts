/** TrainingSet: the visitor's classes and their pictures. Independent of the page. */
import type { Dataset } from 'alexnet-ts';

export interface ClassPicture {
  name: string;
  blob: Blob;
  /** URL of a small version, for an `<img>`. */
  thumbnail: string;
}

export interface PictureClass {
  name: string;
  /** In the order they were added. */
  readonly pictures: ClassPicture[];
}

/** Whether two names differ only in case and spaces. */
const isSameName = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();

export class TrainingSet {
  readonly classes: PictureClass[] = [];

  /** Calls `onChange` synchronously after every change. */
  constructor(private readonly onChange: () => void) {}

  get size(): number {
    return this.classes.reduce((sum, { pictures }) => sum + pictures.length, 0);
  }

  find(name: string): PictureClass | undefined {
    return this.classes.find((each) => isSameName(each.name, name));
  }

  /** Returns the class with this name, or adds it. The default name is Class 1, Class 2, … */
  add(name?: string): PictureClass {
    let n = this.classes.length + 1;
    while (name === undefined && this.find(`Class ${n}`)) n++;
    const found = name === undefined ? undefined : this.find(name);
    const added = found ?? { name: name ?? `Class ${n}`, pictures: [] };
    if (!found) this.classes.push(added);
    this.onChange();
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
    this.onChange();
  }

  delete(target: PictureClass): void {
    for (const { thumbnail } of target.pictures) URL.revokeObjectURL(thumbnail);
    this.classes.splice(this.classes.indexOf(target), 1);
    this.onChange();
  }

  /** Deletes empty classes with default names. */
  deleteUnused(): void {
    for (const each of this.classes.filter(
      ({ name, pictures }) => pictures.length === 0 && /^Class \d+$/.test(name),
    ))
      this.delete(each);
  }

  addPicture(target: PictureClass, picture: ClassPicture): void {
    target.pictures.push(picture);
    this.onChange();
  }

  removePicture(target: PictureClass, picture: ClassPicture): void {
    URL.revokeObjectURL(picture.thumbnail);
    target.pictures.splice(target.pictures.indexOf(picture), 1);
    this.onChange();
  }

  /**
   * Returns a dataset for `fineTune`, and its pictures in the same order.
   *
   * @throws Error if pictures or classes are missing.
   */
  dataset(): { dataset: Dataset; pictures: ClassPicture[] } {
    const filled = this.classes.filter(({ pictures }) => pictures.length > 0);
    if (filled.length === 0)
      throw new Error(
        'There are no pictures yet. Add some to each class, or use the sample pictures.',
      );
    const empty = this.classes.find(({ pictures }) => pictures.length === 0);
    if (empty)
      throw new Error(`The class “${empty.name}” has no pictures. Add some or delete the class.`);
    if (filled.length === 1) {
      throw new Error(
        `There is only one class, “${filled[0]!.name}”. Training needs at least two: add another one.`,
      );
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
