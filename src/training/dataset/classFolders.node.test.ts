/** sortIntoClasses: which class each path belongs to. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sortIntoClasses } from './classFolders';

const sort = (...paths: string[]) => {
  const { classes, labeled, problems } = sortIntoClasses(
    paths.map((path) => ({ path })),
    'here',
  );
  return {
    classes,
    labeled: labeled.map(({ name, label }) => `${classes[label]}: ${name}`),
    problems,
  };
};

describe('sortIntoClasses', () => {
  it('uses the first folder as the class, sorted by name', () => {
    const { classes, labeled, problems } = sort(
      'dog/b.jpg',
      'dog/a.png',
      'cat/z.webp',
      'cat/more/y.JPEG',
    );
    assert.deepEqual(classes, ['cat', 'dog']);
    assert.deepEqual(labeled, [
      'cat: cat/more/y.JPEG',
      'cat: cat/z.webp',
      'dog: dog/a.png',
      'dog: dog/b.jpg',
    ]);
    assert.deepEqual(problems, []);
  });

  it('skips the folders around all classes', () => {
    assert.deepEqual(sort('my/pets/cat/a.jpg', 'my/pets/dog/b.jpg').classes, ['cat', 'dog']);
    assert.deepEqual(sort('pets\\cat\\a.jpg', '.\\pets\\dog\\b.jpg').classes, ['cat', 'dog']);
    assert.deepEqual(sort('./cat/a.jpg', './dog/b.jpg').classes, ['cat', 'dog']);
    assert.deepEqual(sort('cat/a.jpg', 'cat/b.jpg').classes, ['cat']);
  });

  it('reports files outside of classes, other files and paths that lead out, and ignores system files', () => {
    const { classes, problems } = sort(
      'pets/loose.jpg',
      'pets/cat/a.jpg',
      'pets/cat/notes.txt',
      'pets/cat/.DS_Store',
      'pets/dog/Thumbs.db',
      '__MACOSX/pets/cat/._a.jpg',
      '../cat/x.jpg',
      '/etc/x.jpg',
      'C:\\x\\y.jpg',
      'pets/dog/',
    );
    assert.deepEqual(classes, ['cat']);
    assert.deepEqual(problems, [
      {
        name: 'pets/cat/notes.txt',
        error: 'is not an image file (by its extension). Left out.',
      },
      { name: '../cat/x.jpg', error: 'its path leads out of the folder. Left out.' },
      { name: '/etc/x.jpg', error: 'its path leads out of the folder. Left out.' },
      { name: 'C:/x/y.jpg', error: 'its path leads out of the folder. Left out.' },
      { name: 'pets/loose.jpg', error: 'is not in the folder of a class. Left out.' },
    ]);
  });

  it('rejects folders that differ in case only', () => {
    assert.throws(() => sort('Cat/a.jpg', 'cat/b.jpg'), {
      name: 'OptionsError',
      message:
        'here: labels must differ in more than case or blanks, got "Cat" and "cat". Give their images one label.',
    });
  });

  it('rejects the parts of a set, but not classes with such names', () => {
    assert.throws(() => sort('set/train/cat/a.jpg', 'set/train/dog/a.jpg', 'set/val/cat/a.jpg'), {
      message:
        'here: folders must be classes, got train, val, which are parts of a set. Pass one of them.',
    });
    assert.deepEqual(sort('train/a.jpg', 'test/b.jpg').classes, ['test', 'train']);
    assert.deepEqual(sort('train/cat/a.jpg', 'train/dog/a.jpg').classes, ['cat', 'dog']);
  });
});
