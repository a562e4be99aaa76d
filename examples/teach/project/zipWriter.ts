/** ZipWriter: collects files and pictures in a zip. */
import { Zip, ZipPassThrough } from 'fflate';
import { fileName } from '../fileName';
import type { ProjectPicture } from './project';

/** Endings that readers of image folders know, by type. */
export const ENDINGS: Record<string, string> = {
  'image/jpeg': '.jpg',
  'image/png': '.png',
  'image/webp': '.webp',
  'image/gif': '.gif',
  'image/bmp': '.bmp',
  'image/avif': '.avif',
  'image/svg+xml': '.svg',
};

/** Returns the same key for names that some file systems do not distinguish. */
const sameFile = (name: string): string => name.normalize('NFC').toLowerCase();

/** Returns a file name that is not in `taken`, and adds it. */
export function uniqueFileName(wanted: string, ending: string, taken: Set<string>): string {
  const base = fileName(wanted);
  let name = `${base}${ending}`;
  for (let n = 2; taken.has(sameFile(name)); n++) name = `${base} ${n}${ending}`;
  taken.add(sameFile(name));
  return name;
}

/** Collects files in a zip. Pictures hardly compress, so all files are stored as they are. */
export class ZipWriter {
  readonly #parts: Uint8Array<ArrayBuffer>[] = [];
  #failure: Error | undefined;
  readonly #zip = new Zip((error, bytes) => {
    if (error) this.#failure = error;
    else this.#parts.push(bytes as Uint8Array<ArrayBuffer>);
  });

  add(path: string, bytes: Uint8Array): void {
    const file = new ZipPassThrough(path);
    this.#zip.add(file);
    file.push(bytes, true);
    if (this.#failure) throw this.#failure;
  }

  /** Adds pictures to a folder. Returns their paths. */
  async addPictures(
    folder: string,
    pictures: readonly Pick<ProjectPicture, 'name' | 'blob'>[],
  ): Promise<string[]> {
    const taken = new Set<string>();
    const paths: string[] = [];
    for (const { name, blob } of pictures) {
      const ending = ENDINGS[blob.type] ?? /\.[a-z0-9]{2,5}$/i.exec(name)?.[0] ?? '.jpg';
      const plain = name.replace(/^.*[/\\]/, '').replace(/\.[a-z0-9]{2,5}$/i, '');
      const path = `${folder}/${uniqueFileName(plain, ending.toLowerCase(), taken)}`;
      this.add(path, new Uint8Array(await blob.arrayBuffer()));
      paths.push(path);
    }
    return paths;
  }

  end(): Blob {
    this.#zip.end();
    return new Blob(this.#parts, { type: 'application/zip' });
  }
}
