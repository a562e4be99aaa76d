/** Readers to fuzz: lists of labels as text, projects, and evaluation logs. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readProjectFile } from '../../examples/teach/project/projectFile';
import { EvaluationLog } from '../../src/cli/evaluation/log';
import { OptionsError } from '../../src/errors';
import { readLabels } from '../../src/weights/convert/labels';
import { mutated, text, zipped } from './mutations';
import { Defect, type Readers } from './reader';

const project = {
  ...{ format: 'alexnet-ts project', version: 1, name: 'x', settings: { a: 'b', c: true } },
  classes: [{ name: 'a', folder: 'a', enabled: true, pictures: [{ file: 'a/1', name: '1' }] }],
  results: [{ picture: 'a/1', label: 'a', predicted: 'b', probability: 0.5 }],
};
const header = { weights: 'w', set: 's', crops: 'center', backend: 'cpu', limit: null } as const;
const log = [
  { format: 'alexnet-ts evaluation', version: 1, ...header },
  { file: 'a/1.png', bytes: 5, modified: 12.5, classes: [0, 1, 2, 3, 4] },
  { file: 'a/2.png', bytes: 5, modified: 12.5, error: 'it is damaged' },
];

export const texts: Readers = {
  async csv() {
    const files = [
      'index,id,label\n0,n01440764,"cat, tabby"\n1,n01443537,dog\n',
      '0\tcat\n1\tdog\n',
      'n01440764 tench, Tinca tinca\nn01443537 goldfish\n',
      '0;cat\n\n1;dog',
    ];
    return {
      input: mutated(files.map(text)),
      async read(bytes) {
        let refused: unknown;
        for (const name of ['x.csv', 'x.txt', 'x.tsv'])
          try {
            for (const { label } of readLabels(bytes, name, () => {}))
              if (typeof label !== 'string' || label === '') throw new Defect('an empty label');
          } catch (error) {
            if (!(error instanceof OptionsError)) throw error;
            refused = error;
          }
        if (refused) throw refused;
      },
    };
  },
  async project() {
    const files = {
      '.alexnet/project.json': text(JSON.stringify(project)),
      'a/1': text('picture'),
      '.alexnet/model/model.json': text('{}'),
    };
    return {
      input: mutated([zipped(files, 0), zipped(files, 9)]),
      async read(bytes) {
        const zip = new File([bytes as Uint8Array<ArrayBuffer>], 'x.zip');
        try {
          const { classes } = (await readProjectFile(zip, () => 'id')) ?? { classes: [] };
          const pictures = classes.flatMap((each) => each.pictures);
          await Promise.allSettled(pictures.map(({ blob }) => blob()));
        } catch (error) {
          // The page shows the messages of the zip reader and the project reader.
          if (!(error instanceof Error) || /TypeError|RangeError|Syntax/.test(error.name))
            throw new Defect(String((error as Error).stack));
          throw new OptionsError(`x.zip: ${error.message}.`);
        }
      },
    };
  },
  async 'evaluation log'() {
    const path = join(mkdtempSync(join(tmpdir(), 'alexnet-fuzz-')), 'log.jsonl');
    return {
      input: mutated([text(log.map((line) => `${JSON.stringify(line)}\n`).join(''))]),
      async read(bytes) {
        writeFileSync(path, bytes);
        await (await EvaluationLog.open(path, '/', header, 5)).close();
      },
    };
  },
};
