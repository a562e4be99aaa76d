/**
 * readPyTorch: where a file of torch.save may contain the state dict, and unsupported tensors.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { zipSync } from 'fflate';
import { partsOf } from '../../../test/support/convertedSet';
import { float32Bytes } from '../../../test/support/safetensors';
import { readPyTorch } from './pytorch';

const bytesOf = (characters: string) =>
  Uint8Array.from(characters, (character) => character.charCodeAt(0));
const text = (value: string) => `X${String.fromCharCode(value.length)}\0\0\0${value}`;

interface Written {
  storage?: string;
  offset?: number;
  shape?: number[];
  stride?: number[];
}

/**
 * `_rebuild_tensor_v2(storage, offset, shape, stride, False, None)`, as torch.save writes it, of
 * data/0 with eight numbers.
 */
function tensor({
  storage = 'FloatStorage',
  offset = 0,
  shape = [2],
  stride = [1],
}: Written = {}): string {
  const tuple = (numbers: number[]) =>
    `(${numbers.map((each) => `K${String.fromCharCode(each)}`).join('')}t`;
  const persistent = `(${text('storage')}ctorch\n${storage}\n${text('0')}${text('cpu')}K\x08tQ`;
  return `ctorch._utils\n_rebuild_tensor_v2\n(${persistent}K${String.fromCharCode(offset)}${tuple(shape)}${tuple(stride)}\x89NtR`;
}

const dict = (entries: Record<string, string>) =>
  `}(${Object.entries(entries)
    .map(([name, value]) => text(name) + value)
    .join('')}u`;

const read = (pickle: string) =>
  readPyTorch(
    partsOf(
      'x.pth',
      zipSync(
        {
          'x/data.pkl': bytesOf(`\x80\x02${pickle}.`),
          'x/data/0': float32Bytes([0, 1, 2, 3, 4, 5, 6, 7]),
          'x/byteorder': bytesOf('little'),
        },
        { level: 0 },
      ),
    ),
  );

describe('readPyTorch', () => {
  it('reads views into one storage, each from its offset', async () => {
    const tensors = await read(
      dict({ a: tensor(), b: tensor({ offset: 3, shape: [2, 2], stride: [2, 1] }) }),
    );
    assert.deepEqual(Array.from(await tensors.get('a')!.values()), [0, 1]);
    assert.deepEqual(Array.from(await tensors.get('b')!.values()), [3, 4, 5, 6]);
    assert.deepEqual(tensors.get('b')!.shape, [2, 2]);
  });

  it('reads any strides, and rows', async () => {
    const tensors = await read(
      dict({
        turned: tensor({ shape: [2, 3], stride: [1, 2] }),
        apart: tensor({ offset: 1, shape: [2, 2], stride: [4, 2] }),
        long: tensor({ storage: 'LongStorage' }),
      }),
    );
    const turned = tensors.get('turned')!;
    assert.deepEqual(Array.from(await turned.values()), [0, 2, 4, 1, 3, 5]);
    assert.deepEqual(Array.from(await turned.values({ start: 1, end: 2 })), [1, 3, 5]);
    assert.deepEqual(Array.from(await tensors.get('apart')!.values()), [1, 3, 5, 7]);
    assert.equal(tensors.get('long')!.dtype, 'I64');
    await assert.rejects(tensors.get('long')!.values(), /long: must be stored as one of/);
  });

  it('finds the state dict in a checkpoint, and removes the prefix of DataParallel', async () => {
    assert.deepEqual(
      [...(await read(dict({ epoch: 'K\x05', state_dict: dict({ w: tensor() }) }))).keys()],
      ['w'],
    );
    assert.deepEqual(
      [...(await read(dict({ 'module.a': tensor(), 'module.b': tensor() }))).keys()],
      ['a', 'b'],
    );
  });

  it('lists unsupported tensors', async () => {
    const wrong = dict({
      expanded: tensor({ shape: [200, 2], stride: [0, 1] }),
      complex: tensor({ storage: 'ComplexFloatStorage' }),
      far: tensor({ offset: 7 }),
      number: 'K\x05', // skipped
      sparse: 'ctorch._utils\n_rebuild_sparse_tensor\n)R',
    });
    await assert.rejects(read(wrong), (error: { problems: string[] }) => {
      assert.deepEqual(error.problems, [
        'expanded: must be contiguous. Save it after .contiguous().',
        'complex: must be stored as one of FloatStorage, DoubleStorage, HalfStorage, BFloat16Storage, CharStorage, got ComplexFloatStorage.',
        'far: data/0 must have at least 36 bytes, got 32.',
        'sparse: must be a dense tensor of floating-point numbers, got _rebuild_sparse_tensor. Save the float model.',
      ]);
      return true;
    });
  });
});
