/**
 * Picked folders, handles, drops and zips in a real browser, with pictures that can and cannot be
 * decoded.
 */
import { zipSync } from 'fflate';
import { OptionsError } from '../../errors';
import { bytesOf, encoded, quadrants, type Color } from '../../../test/support/quadrants';
import { toDataset, type Dataset } from './dataset';
import { datasetFromFiles, datasetFromFolder } from './datasets';

const drawing = async (color: Color): Promise<Uint8Array<ArrayBuffer>> =>
  bytesOf(await encoded('image/png', quadrants([color, 'white', 'grey', color], [12, 8])));

/** A file as returned by `<input webkitdirectory>`. */
const picked = (path: string, bytes: Uint8Array<ArrayBuffer>): File =>
  Object.defineProperty(new File([bytes], path.split('/').at(-1)!), 'webkitRelativePath', {
    value: path,
  });

const names = ({ classes, examples }: Dataset) =>
  examples.map(({ label, name }) => `${classes[label]}: ${name}`);

/**
 * Two classes with a copy, a copy in the other class, a broken image, an empty one and a text, and
 * a class without usable images.
 */
async function pets(): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const [red, blue, green] = [await drawing('red'), await drawing('blue'), await drawing('green')];
  return {
    'pets/cat/a.png': red,
    'pets/cat/b.png': blue,
    'pets/cat/copy.png': red,
    'pets/dog/a.png': green,
    'pets/dog/cut.png': green.slice(0, 40),
    'pets/dog/empty.png': new Uint8Array(0),
    'pets/dog/red.png': red,
    'pets/dog/notes.txt': Uint8Array.of(65),
    'pets/elk/a.png': Uint8Array.of(1, 2, 3),
  };
}

function expectPets(dataset: Dataset, top = 'pets/'): void {
  expect(dataset.classes).toEqual(['cat', 'dog']);
  expect(names(dataset)).toEqual([
    `cat: ${top}cat/a.png`,
    `cat: ${top}cat/b.png`,
    `dog: ${top}dog/a.png`,
  ]);
  const problems = Object.fromEntries(
    dataset.problems.map(({ name, error }) => [name.replace(/^pets\//, ''), error]),
  );
  expect(Object.keys(problems).sort()).toEqual(
    [
      'cat/copy.png',
      'dog/cut.png',
      'dog/empty.png',
      'dog/notes.txt',
      'dog/red.png',
      'elk',
      'elk/a.png',
    ].sort(),
  );
  expect(problems['cat/copy.png']).toBe(`has the same bytes as ${top}cat/a.png. Left out.`);
  expect(problems['dog/red.png']).toBe(
    `has the same bytes as ${top}cat/a.png of the class "cat", so one of the two labels is wrong. Left out.`,
  );
  expect(problems['dog/cut.png']).toMatch(
    /^the PNG is truncated: its end is missing\. .+ Left out\.$/,
  );
  expect(problems['dog/empty.png']).toBe(
    'must have at least one byte, got an empty file. Left out.',
  );
  expect(problems['elk']).toBe('the class has no image that can be used. Left out.');
}

describe('datasetFromFiles', () => {
  it('reads a picked folder, and reports what it leaves out', async () => {
    const files = Object.entries(await pets()).map(([path, bytes]) => picked(path, bytes));
    const told: string[] = [];
    expectPets(
      await datasetFromFiles(files, {
        onProgress: ({ phase, loaded, total }) => told.push(`${phase} ${loaded}/${total}`),
      }),
    );
    expect(told).toEqual([1, 2, 3, 4, 5, 6].map((loaded) => `check ${loaded}/6`));
  });

  it('reads a zip, alone or as the only file that was picked', async () => {
    const zip = zipSync(await pets());
    const file = new File([zip as Uint8Array<ArrayBuffer>], 'pets.zip');
    expectPets(await datasetFromFiles(file));
    expectPets(await datasetFromFiles(new Blob([zip as Uint8Array<ArrayBuffer>])));
    expectPets(await datasetFromFiles([file]));
  });

  it('reads the handle of a directory', async () => {
    if (!('createWritable' in FileSystemFileHandle.prototype)) pending('needs createWritable()');
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle('pets', { create: true });
    try {
      for (const [path, bytes] of Object.entries(await pets())) {
        const [, label, name] = path.split('/') as [string, string, string];
        const file = await (
          await folder.getDirectoryHandle(label, { create: true })
        ).getFileHandle(name, { create: true });
        const stream = await file.createWritable();
        await stream.write(bytes);
        await stream.close();
      }
      expectPets(await datasetFromFiles(folder));
    } finally {
      await root.removeEntry('pets', { recursive: true });
    }
  });

  it('reads a drop, whose list is empty once the handler has returned', async () => {
    const files = Object.entries(await pets());
    const file = (path: string, bytes: Uint8Array<ArrayBuffer>) => ({
      isFile: true,
      fullPath: `/${path}`,
      file: (done: (file: File) => void) => done(new File([bytes], path.split('/').at(-1)!)),
    });
    const folder = (path: string) => {
      const children = files
        .filter(([name]) => name.startsWith(`${path}/`))
        .map(([name, bytes]) => file(name, bytes));
      const parts = [children.slice(0, 2), children.slice(2), []]; // as Chrome, some at a time
      return {
        isFile: false,
        fullPath: `/${path}`,
        createReader: () => ({
          readEntries: (done: (some: object[]) => void) => done(parts.shift()!),
        }),
      };
    };
    let items = ['pets/cat', 'pets/dog', 'pets/elk'].map((path) => ({
      webkitGetAsEntry: () => folder(path),
    }));
    const drop = {
      get items() {
        return items;
      },
      [Symbol.toStringTag]: 'DataTransfer',
    };
    const reading = datasetFromFiles(drop as unknown as DataTransfer);
    items = [];
    expectPets(await reading);
  });

  it("does not decode with check: 'none'", async () => {
    const files = Object.entries(await pets()).map(([path, bytes]) => picked(path, bytes));
    const { classes, examples } = await datasetFromFiles(files, { check: 'none' });
    expect(classes).toEqual(['cat', 'dog', 'elk']);
    expect(examples.length).toBe(6);
  });

  it('rejects images outside of folders, no files, and other input', async () => {
    const red = await drawing('red');
    await expectAsync(
      datasetFromFiles([new File([red], 'a.png'), new File([red], 'b.png')]),
    ).toBeRejectedWithError(
      OptionsError,
      'datasetFromFiles: there must be images, got none. 2 were left out: a.png: is not in the folder of a class. Left out.',
    );
    await expectAsync(datasetFromFiles([])).toBeRejectedWithError(
      OptionsError,
      /there must be images, got none/,
    );
    await expectAsync(datasetFromFiles('pets' as never)).toBeRejectedWithError(
      OptionsError,
      /files must be a FileList, .+ got "pets"/,
    );
    await expectAsync(
      datasetFromFiles([picked('Cat/a.png', red), picked('cat/b.png', red)]),
    ).toBeRejectedWithError(
      OptionsError,
      /labels must differ in more than case or blanks, got "Cat" and "cat"/,
    );
  });

  it('stops with the reason of the signal between two images', async () => {
    const files = Object.entries(await pets()).map(([path, bytes]) => picked(path, bytes));
    const controller = new AbortController();
    const reason = new Error('enough');
    const reading = datasetFromFiles(files, {
      signal: controller.signal,
      onProgress: ({ loaded }) => loaded === 2 && controller.abort(reason),
    });
    await expectAsync(reading).toBeRejectedWith(reason);
  });

  it('reports that folders on disk require Node', async () => {
    await expectAsync(datasetFromFolder('pets')).toBeRejectedWithError(
      OptionsError,
      /folders must be read in Node/,
    );
  });
});

describe('toDataset in a browser', () => {
  it('copies each image that a stream draws on the same canvas', async () => {
    const canvas = new OffscreenCanvas(4, 4);
    const context = canvas.getContext('2d')!;
    async function* drawings() {
      for (const label of ['red', 'blue'] as const) {
        context.fillStyle = label;
        context.fillRect(0, 0, 4, 4);
        yield { image: canvas, label };
      }
    }
    const { examples } = await toDataset(drawings());
    const pixels = examples.map(({ image }) => Array.from((image as ImageData).data.slice(0, 4)));
    expect(pixels).toEqual([
      [255, 0, 0, 255],
      [0, 0, 255, 255],
    ]);
  });
});
