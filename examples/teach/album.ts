/** Album: the classes and their pictures as the visitor has put them together. No page in here. */
import type { Dataset } from 'alexnet-ts';

export interface ClassPicture {
  name: string;
  blob: Blob;
  /** The address of a small one, for an <img>. */
  thumbnail: string;
}

export interface PictureClass {
  name: string;
  /** In the order in which they came. */
  readonly pictures: ClassPicture[];
}

/** Two names that a reader takes for the same. */
const alike = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();

export class Album {
  readonly classes: PictureClass[] = [];

  /** `onChange` is told of every change, at once. */
  constructor(private readonly onChange: () => void) {}

  get size(): number {
    return this.classes.reduce((sum, { pictures }) => sum + pictures.length, 0);
  }

  find(name: string): PictureClass | undefined {
    return this.classes.find((each) => alike(each.name, name));
  }

  /** A class of this name: the one that is there, or a new one. Without a name: Class 1, Class 2, … */
  add(name?: string): PictureClass {
    let n = this.classes.length + 1;
    while (name === undefined && this.find(`Class ${n}`)) n++;
    const found = name === undefined ? undefined : this.find(name);
    const added = found ?? { name: name ?? `Class ${n}`, pictures: [] };
    if (!found) this.classes.push(added);
    this.onChange();
    return added;
  }

  /** @throws Error with a sentence for an empty name, or one that another class has. */
  rename(of: PictureClass, wanted: string): void {
    const name = wanted.trim();
    if (name === '')
      throw new Error(`A class needs a name. This one is still called “${of.name}”.`);
    const twin = this.classes.find((each) => each !== of && alike(each.name, name));
    if (twin)
      throw new Error(
        `There is a class “${twin.name}” already. Take another name, or put the pictures together there.`,
      );
    of.name = name;
    this.onChange();
  }

  delete(of: PictureClass): void {
    for (const { thumbnail } of of.pictures) URL.revokeObjectURL(thumbnail);
    this.classes.splice(this.classes.indexOf(of), 1);
    this.onChange();
  }

  /** Deletes classes that nobody has named or put anything into, before others take their place. */
  deleteUntouched(): void {
    for (const each of this.classes.filter(
      ({ name, pictures }) => pictures.length === 0 && /^Class \d+$/.test(name),
    ))
      this.delete(each);
  }

  put(into: PictureClass, picture: ClassPicture): void {
    into.pictures.push(picture);
    this.onChange();
  }

  remove(from: PictureClass, picture: ClassPicture): void {
    URL.revokeObjectURL(picture.thumbnail);
    from.pictures.splice(from.pictures.indexOf(picture), 1);
    this.onChange();
  }

  /**
   * What `fineTune` takes. `pictures` are the examples, in the same order.
   *
   * @throws Error with a sentence for what is missing.
   */
  dataset(): { dataset: Dataset; pictures: ClassPicture[] } {
    const filled = this.classes.filter(({ pictures }) => pictures.length > 0);
    if (filled.length === 0)
      throw new Error('There are no pictures yet. Add some of each class, or take ours.');
    const empty = this.classes.find(({ pictures }) => pictures.length === 0);
    if (empty)
      throw new Error(`The class “${empty.name}” has no pictures. Add some, or delete the class.`);
    if (filled.length === 1) {
      throw new Error(
        `There is only one class, “${filled[0]!.name}”. Add a second one: it learns by telling classes apart.`,
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
