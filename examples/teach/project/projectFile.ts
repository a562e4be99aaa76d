/**
 * projectFile: a project as one zip: a folder of pictures for each class, and `.alexnet/` with the
 * settings and the model. `alexnet fine-tune` and other programs read the folders and ignore the
 * rest.
 */
import { unzip, type ZipEntry } from 'unzipit';
import { fileName } from '../fileName';
import type { ModelFile } from './modelFiles';
import type { Project, ProjectPicture, ProjectResult } from './project';
import { ENDINGS, ZipWriter, uniqueFileName } from './zipWriter';

/** Hidden, so that it is not mistaken for a class. */
const FOLDER = '.alexnet/';
const PROJECT = `${FOLDER}project.json`;
const MODEL = `${FOLDER}model/`;

/** Larger files are refused: no project needs them. */
const MAX_JSON_BYTES = 16 * 2 ** 20;
const MAX_PICTURE_BYTES = 64 * 2 ** 20;
const MAX_MODEL_BYTES = 2 ** 30;
/** The largest compression ratio of deflate. */
const MAX_RATIO = 1032;

/** A project that was read from a file. Its pictures have not been decoded. */
export interface OpenedProject {
  name: string;
  settings: Record<string, string | boolean>;
  classes: OpenedClass[];
  model: { files: ModelFile[]; results: ProjectResult[] } | undefined;
}

interface OpenedClass {
  name: string;
  enabled: boolean;
  pictures: { id: string; name: string; blob: () => Promise<Blob> }[];
}

/** The contents of project.json; pictures are paths in the zip. */
interface ProjectJSON {
  format: 'alexnet-ts project';
  version: 1;
  name: string;
  settings: Record<string, string | boolean>;
  classes: {
    name: string;
    folder: string;
    enabled: boolean;
    pictures: { file: string; name: string }[];
  }[];
  results: ProjectResult[];
}

/** Zips the pictures of a class, in a folder with its name. */
export async function picturesZip(
  name: string,
  pictures: readonly ProjectPicture[],
): Promise<Blob> {
  const zip = new ZipWriter();
  await zip.addPictures(fileName(name), pictures);
  return zip.end();
}

/** Writes a project as a zip. */
export async function writeProjectFile({ record, pictures, model }: Project): Promise<Blob> {
  const zip = new ZipWriter();
  const folders = new Set<string>();
  const paths = new Map<string, string>();
  const classes: ProjectJSON['classes'] = [];
  for (const { name, enabled, pictures: ids } of record.classes) {
    const folder = uniqueFileName(name, '', folders);
    const present = ids.flatMap((id) => pictures.get(id) ?? []);
    const files = await zip.addPictures(folder, present);
    present.forEach(({ id }, i) => paths.set(id, files[i]!));
    const listed = present.map((picture, i) => ({ file: files[i]!, name: picture.name }));
    classes.push({ name, folder, enabled, pictures: listed });
  }
  const json: ProjectJSON = {
    format: 'alexnet-ts project',
    version: 1,
    name: record.name,
    settings: { ...record.settings },
    classes,
    results: (model?.results ?? []).flatMap((result) => {
      const path = paths.get(result.picture);
      return path ? [{ ...result, picture: path }] : [];
    }),
  };
  zip.add(PROJECT, new TextEncoder().encode(`${JSON.stringify(json, undefined, 2)}\n`));
  for (const { name, bytes } of model?.files ?? []) zip.add(`${MODEL}${name}`, bytes);
  return zip.end();
}

/**
 * Reads a project's zip; undefined for a zip without a project, such as one of image folders, and for
 * a file that is not a complete zip.
 *
 * @throws Error if its project.json cannot be used.
 */
export async function readProjectFile(
  zip: File,
  createId: () => string,
): Promise<OpenedProject | undefined> {
  const { name: zipName } = zip;
  const entries = await listEntries(zip);
  const project = entries?.get(PROJECT);
  if (!entries || !project) return undefined;
  const json = parseProject(await textOf(project, zipName), zipName);
  const ids = new Map<string, string>();
  const open = (path: string, name: string) => {
    const entry = entries.get(path);
    if (!entry || entry.isDirectory || ids.has(path)) return [];
    const id = createId();
    ids.set(path, id);
    return [{ id, name, blob: () => pictureOf(entry, name) }];
  };
  const classes = json.classes.map(({ name, folder, enabled, pictures }): OpenedClass => {
    const listed = pictures.flatMap(({ file, name: shown }) => open(file, shown));
    // Pictures that were put into the folder by hand.
    const others = [...entries.keys()]
      .filter((path) => folder !== '' && path.startsWith(`${folder}/`))
      .flatMap((path) => open(path, path.slice(folder.length + 1)));
    return { name, enabled, pictures: [...listed, ...others] };
  });
  const files: ModelFile[] = [];
  for (const [path, entry] of entries) {
    if (!path.startsWith(MODEL) || entry.isDirectory) continue;
    checkSize(entry, MAX_MODEL_BYTES, zipName);
    const bytes = new Uint8Array(await entry.arrayBuffer());
    files.push({ name: path.slice(MODEL.length), bytes });
  }
  const results = json.results.flatMap((result) => {
    const picture = ids.get(result.picture);
    return picture ? [{ ...result, picture }] : [];
  });
  return {
    name: json.name,
    settings: json.settings,
    classes,
    model: files.length > 0 ? { files, results } : undefined,
  };
}

async function listEntries(zip: Blob): Promise<Map<string, ZipEntry> | undefined> {
  try {
    const { entries } = await unzip(zip);
    return new Map(Object.entries(entries));
  } catch {
    return undefined;
  }
}

function checkSize({ name, size, compressedSize }: ZipEntry, limit: number, zipName: string): void {
  // The stated size is allocated before the file is inflated.
  if (size > limit || size > MAX_RATIO * compressedSize)
    throw new Error(`${zipName} is not a project: its file ${name} is too large.`);
}

async function textOf(entry: ZipEntry, zipName: string): Promise<string> {
  checkSize(entry, MAX_JSON_BYTES, zipName);
  return entry.text();
}

async function pictureOf(entry: ZipEntry, name: string): Promise<Blob> {
  checkSize(entry, MAX_PICTURE_BYTES, name);
  const ending = /\.[a-z0-9]+$/i.exec(entry.name)?.[0].toLowerCase();
  const known = Object.entries(ENDINGS).find(([, each]) => each === ending)?.[0];
  return entry.blob(known ?? (ending === '.jpeg' ? 'image/jpeg' : ''));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');
const listIn = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

/** Checks a file that anyone may have edited, and leaves out what is not understood. */
function parseProject(text: string, zipName: string): ProjectJSON {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  if (!isObject(json) || json.format !== 'alexnet-ts project')
    throw new Error(`${zipName} contains a project that cannot be read. Download it again.`);
  if (json.version !== 1)
    throw new Error(`${zipName} was made by a newer version of this page. Reload the page.`);
  const settings = isObject(json.settings) ? json.settings : {};
  return {
    format: 'alexnet-ts project',
    version: 1,
    name: textIn(json.name).trim().slice(0, 60) || 'Opened project',
    settings: Object.fromEntries(
      Object.entries(settings).filter(
        (entry): entry is [string, string | boolean] =>
          typeof entry[1] === 'string' || typeof entry[1] === 'boolean',
      ),
    ),
    classes: listIn(json.classes).map(({ name, folder, enabled, pictures }, i) => ({
      name: textIn(name).trim().slice(0, 40) || `Class ${i + 1}`,
      folder: textIn(folder),
      enabled: enabled !== false,
      pictures: listIn(pictures).map((picture) => ({
        file: textIn(picture.file),
        name: textIn(picture.name) || textIn(picture.file),
      })),
    })),
    results: listIn(json.results).map(({ picture, label, predicted, probability }) => ({
      picture: textIn(picture),
      label: textIn(label),
      predicted: textIn(predicted),
      probability: typeof probability === 'number' ? probability : 0,
    })),
  };
}
