/** Zip files: variants written by different programs, broken files, and bombs. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Zip, ZipDeflate, ZipPassThrough, strToU8, zipSync, type Zippable } from 'fflate';
import { unzip } from './unzip';

const blob = (bytes: Uint8Array) => new Blob([bytes as Uint8Array<ArrayBuffer>]);
const zip = (files: Zippable, level: 0 | 6 = 6) => blob(zipSync(files, { level }));
const noise = (length: number) =>
  Uint8Array.from({ length }, (_, i) => (i * i * 31 + (i >> 3) * 17) & 255);
const contents = async (input: Blob, options = {}) => {
  const { files, problems } = await unzip(input, 'x.zip', options);
  const read = await Promise.all(
    files.map(async ({ path, image }) => [path, [...new Uint8Array(await image.arrayBuffer())]]),
  );
  return { files: Object.fromEntries(read) as Record<string, number[]>, problems };
};

/** As written by programs that do not know the sizes in advance: the sizes follow the data. */
function streamed(files: Record<string, Uint8Array>): Blob {
  const parts: Uint8Array[] = [];
  const writer = new Zip((_error, data) => parts.push(data));
  for (const [name, bytes] of Object.entries(files)) {
    const file = new ZipDeflate(name);
    writer.add(file);
    file.push(bytes, true);
  }
  writer.end();
  return new Blob(parts as Uint8Array<ArrayBuffer>[]);
}

/** Changes the inflated size of a file that the zip states, in both headers. */
async function lying(input: Blob, size: number): Promise<Blob> {
  const bytes = new Uint8Array(await input.arrayBuffer());
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 4 < bytes.length; at++) {
    if (view.getUint32(at, true) === 0x04034b50) view.setUint32(at + 22, size, true);
    if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, size, true);
  }
  return blob(bytes);
}

describe('unzip', () => {
  const a = noise(70_000);
  const pictures = { 'pets/cat/a.jpg': a, 'pets/dog/ü b.png': Uint8Array.of(1, 2, 3) };

  it('reads deflated, stored and streamed files, under their paths', async () => {
    const expected = {
      files: { 'pets/cat/a.jpg': [...a], 'pets/dog/ü b.png': [1, 2, 3] },
      problems: [],
    };
    assert.deepEqual(await contents(zip(pictures)), expected);
    assert.deepEqual(await contents(zip(pictures, 0)), expected);
    assert.deepEqual(await contents(streamed(pictures)), expected);
  });

  it('reads names whose encoding is not stated: UTF-8, code page 437, and the Unicode field', async () => {
    const latin1 = (bytes: readonly number[]) => String.fromCharCode(...bytes);
    const named = async (raw: string, extra?: Uint8Array) => {
      const bytes = new Uint8Array(
        await zip({
          [`${'x'.repeat(raw.length)}/a.jpg`]: [
            Uint8Array.of(1),
            extra ? { extra: { 0x7075: extra } } : {},
          ],
        }).arrayBuffer(),
      );
      const placeholder = new TextEncoder().encode('x'.repeat(raw.length));
      for (let at = 0; at + raw.length <= bytes.length; at++)
        if (placeholder.every((byte, i) => bytes[at + i] === byte) && bytes[at + raw.length] === 47)
          for (let i = 0; i < raw.length; i++) bytes[at + i] = raw.charCodeAt(i);
      return Object.keys((await contents(blob(bytes))).files);
    };
    assert.deepEqual(await named(latin1([...new TextEncoder().encode('Café')])), ['Café/a.jpg']);
    assert.deepEqual(await named(latin1([...new TextEncoder().encode('猫')])), ['猫/a.jpg']);
    assert.deepEqual(await named('Caf\x82'), ['Café/a.jpg']); // 0x82 is not UTF-8
    const field = Uint8Array.of(1, 0, 0, 0, 0, ...new TextEncoder().encode('猫/a.jpg'));
    assert.deepEqual(await named('??', field), ['猫/a.jpg']);
    assert.deepEqual(Object.keys((await contents(zip({ 'Caf\xe9/a.jpg': a }))).files), [
      'Café/a.jpg',
    ]);
  });

  it('names each file by the last part of its path, and reports progress', async () => {
    const input = zip(pictures);
    const told: number[] = [];
    const { files } = await unzip(input, 'x.zip', { onBytes: (loaded) => told.push(loaded) });
    assert.deepEqual(
      files.map(({ image }) => (image as File).name),
      ['a.jpg', 'ü b.png'],
    );
    assert.equal(told.at(-1), input.size);
  });

  it('ignores other files, and reports paths that lead out', async () => {
    const { files, problems } = await contents(
      zip({
        'a/x.jpg': a,
        'a/notes.txt': strToU8('no'),
        '__MACOSX/a/._x.jpg': strToU8('no'),
        'a/.hidden.jpg': a,
        '../y.jpg': a,
      }),
    );
    assert.deepEqual(Object.keys(files), ['a/x.jpg']);
    assert.deepEqual(problems, [
      { name: 'a/notes.txt', error: 'is not an image file (by its extension). Left out.' },
      { name: '../y.jpg', error: 'its path leads out of the folder. Left out.' },
    ]);
  });

  it('leaves out a file whose stated size is too large', async () => {
    const { files, problems } = await contents(
      zip({ 'a/big.jpg': new Uint8Array(5000), 'a/x.jpg': Uint8Array.of(7) }),
      {
        maxImageBytes: 4000,
      },
    );
    assert.deepEqual(files, { 'a/x.jpg': [7] });
    assert.deepEqual(problems, [
      {
        name: 'a/big.jpg',
        error: 'inflates to 5000 bytes, and an image may have 4000. Left out.',
      },
    ]);
  });

  it('rejects bombs: a file larger than stated, one without a stated size, and many small ones', async () => {
    const zeros = zip({ 'a/x.jpg': new Uint8Array(1_000_000) });
    assert.ok(zeros.size < 2000);
    await assert.rejects(contents(await lying(zeros, 100)), {
      name: 'OptionsError',
      message:
        'x.zip: a/x.jpg must not inflate to more than the 100 bytes that the zip states. Pass a zip of images only.',
    });
    await assert.rejects(
      contents(streamed({ 'a/x.jpg': new Uint8Array(1_000_000) }), { maxImageBytes: 4000 }),
      {
        message:
          'x.zip: a/x.jpg must not inflate to more than the 4000 bytes of an image. Pass a zip of images only.',
      },
    );
    const many = zip(
      Object.fromEntries(
        Array.from({ length: 20 }, (_, i) => [`a/${i}.jpg`, new Uint8Array(1000)]),
      ),
    );
    await assert.rejects(contents(many, { maxZipBytes: 15_000 }), {
      message:
        'x.zip: the zip must not inflate to more than 15000 bytes. Unzip it, and pass the folder.',
    });
    assert.equal(Object.keys((await contents(many, { maxZipBytes: 20_000 })).files).length, 20);
  });

  it('checks the inflated size of a bomb early', async () => {
    const bomb = zip({ 'a/x.jpg': new Uint8Array(150_000_000) });
    const lie = await lying(bomb, 1000);
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)(); // the buffers that the zip was made from do not count
    const before = process.memoryUsage().arrayBuffers;
    let most: number | undefined;
    await contents(lie).catch(() => (most = process.memoryUsage().arrayBuffers - before));
    assert.ok(most !== undefined && most < 100e6, `${most} bytes`);
  });

  it('reports an unknown compression method, and continues', async () => {
    const bytes = new Uint8Array(
      await zip({ 'a/x.jpg': a, 'b/y.jpg': Uint8Array.of(1) }).arrayBuffer(),
    );
    bytes[8] = 99; // the method of the first file
    const { files, problems } = await contents(blob(bytes));
    assert.deepEqual(Object.keys(files), ['b/y.jpg']);
    assert.equal(problems.length, 1);
    assert.match(
      problems[0]!.error,
      /^cannot be inflated \(unknown compression type 99\)\. Left out\.$/,
    );
  });

  it('rejects other files, and a truncated zip', async () => {
    await assert.rejects(contents(new Blob(['no zip at all'])), {
      name: 'OptionsError',
      message:
        "x.zip: must be a complete zip file (it does not start with the signature of a zip). Pass a folder's files, or a zip of them.",
    });
    await assert.rejects(
      contents(zip(pictures, 0).slice(0, 5000)),
      /x\.zip: must be a complete zip file/,
    );
  });

  it('stops with the reason of the signal', async () => {
    const reason = new Error('enough');
    await assert.rejects(contents(zip(pictures), { signal: AbortSignal.abort(reason) }), reason);
  });

  it('reads files that contain a zip', async () => {
    const inner = zipSync({ 'b.jpg': Uint8Array.of(9) }, { level: 0 });
    const parts: Uint8Array[] = [];
    const writer = new Zip((_error, data) => parts.push(data));
    const file = new ZipPassThrough('a/inner.jpg');
    writer.add(file);
    file.push(inner, true);
    writer.end();
    const known = await contents(zip({ 'a/inner.jpg': inner }, 0));
    assert.deepEqual(known.files, { 'a/inner.jpg': [...inner] });
  });
});
