/** The docstrings of all options of training state the defaults of defaults.ts. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { AUGMENT, FINE_TUNE, HEAD, LAYERS, PLATEAU, SGD, TRAIN } from './defaults';

/** Reads the `@default` of each member of an interface. */
async function documented(file: string, name: string): Promise<Record<string, string>> {
  const source = await readFile(new URL(file, import.meta.url), 'utf8');
  const body = new RegExp(`interface ${name}\\b[^{]*\\{\\n([\\s\\S]*?)\\n\\}`).exec(source)![1]!;
  const members = body.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(\w+)\?:/g);
  const defaults: Record<string, string> = {};
  for (const [, comment, member] of members) {
    const text = comment!.replace(/\s*\n\s*\* ?/g, ' ').trim();
    const value = /@default (.*)/.exec(text)?.[1];
    if (value !== undefined) defaults[member!] = value;
  }
  return defaults;
}

/** Whether each documented default is the expected one. */
async function check(file: string, name: string, expected: Record<string, unknown>) {
  const texts = Object.entries(expected).map(([member, value]) => [
    member,
    /[ ()]/.test(String(value)) || typeof value !== 'string' ? String(value) : `'${value}'`,
  ]);
  assert.deepEqual(await documented(file, name), Object.fromEntries(texts));
}

describe('the documented defaults', () => {
  it('of train', () =>
    check('./train.ts', 'TrainOptions', { ...TRAIN, ...SGD, schedule: 'plateau()' }));

  it('of plateau', () => check('./loop/schedule.ts', 'PlateauOptions', PLATEAU));

  it('of random views', async () => {
    await check('./dataset/augment.ts', 'Augmentation', AUGMENT);
    await check('../weights/format/tuning.ts', 'AugmentOptions', {
      ...AUGMENT,
      views: `${HEAD.views} for a head, else ${LAYERS.views}`,
    });
  });

  it('of fineTune', () =>
    check('./fine-tune/options.ts', 'FineTuneOptions', {
      ...FINE_TUNE,
      ...SGD,
      epochs: `${HEAD.epochs} for a head, and at least ${HEAD.steps} steps; else ${LAYERS.epochs}`,
      learningRate: `${HEAD.learningRate} for a head, else ${LAYERS.learningRate}, and less for a first layer with small weights`,
      augment: `${HEAD.augment} for a head, else ${LAYERS.augment}`,
    }));
});
