/** pictureSources: the visitor's files, including those in folders, and the sample pictures. */
import { fromEvent, type FileWithPath } from 'file-selector';
import { sampleClasses, testPictures } from 'virtual:sample-classes';
import { samples } from '../gallery/samples';
import type { PictureSource } from './indexing';

/** Returns the files of a drop or a file input. Reads folders recursively. */
export async function sourcesFromEvent(event: Event): Promise<PictureSource[]> {
  const files = (await fromEvent(event)).filter(
    (item): item is FileWithPath => item instanceof File,
  );
  return files
    .map((file) => ({ file, path: file.path.replace(/^\.?\//, '') }))
    .filter(({ path }) => !/(^|\/)\./.test(path)) // hidden files
    .map(({ file, path }) => ({
      key: `${path}|${file.size}|${file.lastModified}`,
      name: file.name,
      blob: () => file,
    }));
}

/** Returns the sample pictures and the pictures of the sample classes. */
export function sampleSources(): PictureSource[] {
  const named = [
    ...samples,
    ...Object.entries(sampleClasses).flatMap(([name, urls]) =>
      urls.map((url, i) => ({ name: `${name} ${i + 1}`, url })),
    ),
    ...testPictures,
  ];
  return named.map(({ name, url }) => ({
    key: url.slice(url.lastIndexOf('/') + 1), // contains a hash of the picture
    name,
    blob: async () => {
      const response = await fetch(url);
      if (!response.ok)
        throw new Error(`The sample picture “${name}” could not be loaded. Check your connection.`);
      return response.blob();
    },
  }));
}
