/** Fuzzes the readers of images and datasets in Node through the built package. */
import fc from 'fast-check';
import { create, datasetFromFiles } from 'alexnet-ts';
import { dense, flatten, sequential } from 'alexnet-ts/layers';
import { quarters } from '../support/files';
import { PROTO, mutated, text, zipped } from './mutations';
import { Defect, type Readers } from './reader';

const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="30"><rect width="20" height="30" fill="red"/></svg>';

async function pictureFiles(): Promise<Uint8Array[]> {
  const formats = ['png', 'jpeg', 'webp', 'gif', 'tiff', 'avif'] as const;
  const files = await Promise.all(formats.map((format) => quarters().toFormat(format).toBuffer()));
  const turned = await quarters().jpeg().withMetadata({ orientation: 6 }).toBuffer();
  return [...files, turned, text(SVG)].map((bytes) => new Uint8Array(bytes));
}

export const pictures: Readers = {
  async picture() {
    const net = sequential(
      { flatten: flatten(), fc: dense({ units: 2 }) },
      { inputShape: [16, 16, 3] },
    );
    const model = await create(net, {
      backend: 'cpu',
      preprocessing: { resize: 16, crop: 16, inputSize: 16, mean: [0, 0, 0] },
    });
    return {
      input: mutated(await pictureFiles()),
      async read(bytes) {
        const { data } = await model.preprocess(bytes);
        if (data.length !== 16 * 16 * 3 || !data.every((value) => value > -0.01 && value < 255.01))
          throw new Defect('its pixels are none');
      },
    };
  },
  async 'data set'() {
    const files = await pictureFiles();
    const name = fc.constantFrom(
      'cat/a.png',
      'cat/b.jpg',
      'dog/c.png',
      'DOG/c.png',
      '../../dog/d.png',
      '/dog/e.png',
      `${PROTO}/f.png`,
      'constructor/g.png',
      'C:\\x\\h.png',
      'train/cat/i.png',
      'j.png',
      'cat/',
      'a/'.repeat(300) + 'k.png',
    );
    const built = fc.dictionary(
      name,
      fc.constantFrom(...files, text('no picture'), new Uint8Array(0)),
      { maxKeys: 6 },
    );
    const whole = zipped({
      'cat/a.png': files[0]!,
      'cat/b.jpg': files[1]!,
      'dog/c.webp': files[2]!,
      'dog/d.txt': text('no picture'),
    });
    return {
      input: fc.oneof(
        built.map((own) => zipped(own)),
        mutated([whole]),
      ),
      async read(bytes) {
        const { examples, classes } = await datasetFromFiles(
          new File([bytes as Uint8Array<ArrayBuffer>], 'pets.zip'),
        );
        for (const { name: path = '' } of examples)
          if (/^[/\\]|^[a-z]:|(^|\/)\.\.(\/|$)/i.test(path)) throw new Defect(`it takes ${path}`);
        if (!examples.every(({ label }) => classes[label] !== undefined))
          throw new Defect('an example has no class');
      },
    };
  },
};
