/** Tests of project files and of the store's rules, in Node. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { unzipSync, zipSync } from 'fflate';
import { ConflictError, freeName, type Project } from './project';
import { picturesZip, readProjectFile, writeProjectFile } from './projectFile';
import { MemoryStore } from './projectStore';

const picture = (id: string, name: string, bytes: number[], type = 'image/jpeg') => ({
  id,
  name,
  blob: new Blob([new Uint8Array(bytes)], { type }),
  small: new Blob(),
});

const project = (): Project => {
  const pictures = [
    picture('a', 'one.jpg', [1]),
    picture('b', '../one.jpg', [2]),
    picture('c', 'camera ../mug 1', [3], 'image/webp'),
    picture('d', 'x.png', [4], 'image/png'),
  ];
  return {
    record: {
      ...{ id: 'p', name: 'Cups / keys', version: 3, savedAt: 5 },
      settings: { epochs: '5', augment: true },
      classes: [
        { id: '1', name: '../evil', enabled: true, pictures: ['a', 'b', 'c'] },
        { id: '2', name: 'Mug', enabled: false, pictures: ['d', 'missing'] },
        { id: '3', name: 'mug ', enabled: true, pictures: [] },
      ],
    },
    pictures: new Map(pictures.map((each) => [each.id, each])),
    model: {
      files: [
        { name: 'model.json', bytes: new Uint8Array([123, 125]) },
        { name: 'shard-01.bin', bytes: new Uint8Array([9, 9]) },
      ],
      results: [{ picture: 'd', label: 'Mug', predicted: '../evil', probability: 0.6 }],
    },
  };
};

const asFile = (blob: Blob | Uint8Array, name = 'p.zip') =>
  new File([blob as Blob], name, { type: 'application/zip' });

describe('a project file', () => {
  it('has a folder for each class, and all else hidden', async () => {
    const zip = unzipSync(new Uint8Array(await (await writeProjectFile(project())).arrayBuffer()));
    assert.deepEqual(Object.keys(zip).sort(), [
      '-evil/mug 1.webp',
      '-evil/one 2.jpg',
      '-evil/one.jpg',
      '.alexnet/model/model.json',
      '.alexnet/model/shard-01.bin',
      '.alexnet/project.json',
      'Mug/x.png',
    ]);
  });

  it('is read back as it was written', async () => {
    let ids = 0;
    const opened = await readProjectFile(
      asFile(await writeProjectFile(project())),
      () => `new ${ids++}`,
    );
    assert.ok(opened);
    const { name, settings, classes, model } = opened;
    assert.deepEqual([name, settings], ['Cups / keys', { epochs: '5', augment: true }]);
    assert.deepEqual(
      classes.map((each) => [each.name, each.enabled, each.pictures.map((one) => one.name)]),
      [
        ['../evil', true, ['one.jpg', '../one.jpg', 'camera ../mug 1']],
        ['Mug', false, ['x.png']],
        ['mug', true, []],
      ],
    );
    const blob = await classes[0]!.pictures[2]!.blob();
    assert.deepEqual(
      [[...new Uint8Array(await blob.arrayBuffer())], blob.type],
      [[3], 'image/webp'],
    );
    assert.deepEqual(
      model?.files.map((file) => [file.name, [...file.bytes]]),
      [
        ['model.json', [123, 125]],
        ['shard-01.bin', [9, 9]],
      ],
    );
    assert.equal(model.results[0]!.picture, classes[1]!.pictures[0]!.id);
  });

  it('includes pictures that were put into a folder by hand', async () => {
    const zip = unzipSync(new Uint8Array(await (await writeProjectFile(project())).arrayBuffer()));
    zip['Mug/added.jpg'] = new Uint8Array([7]);
    const opened = await readProjectFile(asFile(zipSync(zip)), () => 'id');
    assert.deepEqual(
      opened?.classes[1]!.pictures.map((each) => each.name),
      ['x.png', 'added.jpg'],
    );
  });

  it('is not confused with other zips and files, and is rejected if it is damaged', async () => {
    const read = (bytes: Uint8Array) => readProjectFile(asFile(bytes), () => 'id');
    assert.equal(await read(zipSync({ 'a/1.jpg': new Uint8Array(1) })), undefined);
    assert.equal(await read(new Uint8Array([1, 2, 3])), undefined);
    const text = (json: string) =>
      read(zipSync({ '.alexnet/project.json': new TextEncoder().encode(json) }));
    await assert.rejects(text('{'), /p\.zip contains a project that cannot be read/);
    await assert.rejects(
      text('{"format":"alexnet-ts project","version":2}'),
      /p\.zip was made by a newer version of this page/,
    );
    const odd = await text(
      '{"format":"alexnet-ts project","version":1,"classes":[{"name":5,"folder":"","pictures":[{"file":"__proto__"}]},7],"settings":{"a":{}}}',
    );
    assert.deepEqual(
      [odd?.name, odd?.settings, odd?.classes.map((each) => [each.name, each.pictures.length])],
      ['Opened project', {}, [['Class 1', 0]]],
    );
  });

  it('of one class is a zip of its folder', async () => {
    const zip = await picturesZip('a/b', [picture('a', 'one.jpeg', [1])]);
    assert.deepEqual(Object.keys(unzipSync(new Uint8Array(await zip.arrayBuffer()))), [
      'a-b/one.jpg',
    ]);
  });
});

describe('the store of projects', () => {
  const changes = (version: number) => ({
    record: { ...project().record, version },
    added: [picture('a', 'one.jpg', [1])],
    removed: [],
  });

  it('refuses to replace what another tab has saved', async () => {
    const store = new MemoryStore();
    assert.equal(await store.write(changes(0)), 1);
    assert.equal(await store.write({ ...changes(1), removed: ['a'], added: [] }), 2);
    assert.equal((await store.read('p'))?.pictures.size, 0);
    await assert.rejects(store.write(changes(1)), ConflictError);
    await store.delete('p');
    await assert.rejects(store.write(changes(2)), /was deleted in another tab/);
  });

  it('gives projects different names', () => {
    assert.equal(freeName('Pets', ['pets', 'Pets 2']), 'Pets 3');
    assert.equal(freeName('Pets', []), 'Pets');
  });
});
