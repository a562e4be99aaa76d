/** sources: the pictures that may be indexed: files of the visitor's, also from within folders, and our own. */
import { fromEvent, type FileWithPath } from 'file-selector';
import { things, toTry } from 'virtual:things';
import { samples } from '../gallery/samples';
import type { Source } from './indexing';

/** Of a drop or of a file input: folders are read to their depths. */
export async function sourcesOf(event: Event): Promise<Source[]> {
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

/** The samples, and the small data set of things, all made with POV-Ray. */
export function ours(): Source[] {
  const named = [
    ...samples,
    ...Object.entries(things).flatMap(([name, urls]) =>
      urls.map((url, i) => ({ name: `${name} ${i + 1}`, url })),
    ),
    ...toTry,
  ];
  return named.map(({ name, url }) => ({
    key: url.slice(url.lastIndexOf('/') + 1), // has a hash of the picture in it
    name,
    blob: async () => {
      const response = await fetch(url);
      if (!response.ok) throw new Error(`Our picture “${name}” cannot be fetched. Are you online?`);
      return response.blob();
    },
  }));
}
