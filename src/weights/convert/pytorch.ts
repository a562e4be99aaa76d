/** Reads files of torch.save: a pickle, which is not executed, and the storages of its tensors. */
import { WeightsError } from '../../errors';
import { sizeOf } from '../../layers/layer';
import { DECODERS, type FileParts, type FileTensor } from './fileReader';
import { printable } from './pickle';
import { readArchive, type Refuse } from './pytorchArchive';
import { describeTensor, extentOf, isContiguous, readView, unsupported } from './pytorchTensor';
import { findStateDict, pickledModule } from './stateDict';

/** The maximum number of reported problems. */
const MAX_PROBLEMS = 20;

/**
 * Reads the state dict of a `.pth`, `.pt` or `.ckpt` file, whatever key it is stored under. Returns
 * its tensors by name; they are read on demand. Supports the zip of PyTorch 1.6 and the older
 * format.
 *
 * @param onNote is called with the key of the state dict
 * @throws WeightsError if the file has another format, is truncated or compressed, imports code, or
 * has inconsistent tensors.
 */
export async function readPyTorch(
  file: FileParts,
  onNote: (note: string) => void = () => {},
): Promise<Map<string, FileTensor>> {
  const refuse: Refuse = (...problems) => new WeightsError(file.name, problems);
  const { root, storage } = await readArchive(file, refuse);
  const dict = findStateDict(root);
  if (!dict) {
    const module = pickledModule(root);
    throw refuse(
      module === undefined
        ? 'must contain a state dict. Save model.state_dict(), not the model.'
        : `is a pickled module (${printable(module)}), whose code would have to run. Save model.state_dict() instead: torch.save(torch.load(path, weights_only=False).state_dict(), new_path).`,
    );
  }
  if (dict.path.length > 0) onNote(`Read the state dict under "${dict.path.join('.')}".`);
  if (dict.alternatives.length > 0)
    onNote(`Left out other state dicts: ${dict.alternatives.join(', ')}.`);

  const tensors = new Map<string, FileTensor>();
  const problems: string[] = [];
  const wrapped = dict.tensors.every(
    ([name]) => typeof name === 'string' && name.startsWith('module.'),
  ); // by DataParallel
  for (const [key, value] of dict.tensors) {
    if (problems.length >= MAX_PROBLEMS) break;
    if (typeof key !== 'string') {
      problems.push('every tensor of the state dict must have a name.');
      continue;
    }
    const name = wrapped ? key.slice('module.'.length) : key;
    const described = describeTensor(value);
    if (typeof described === 'string') {
      problems.push(`${name}: ${described}`);
      continue;
    }
    const { dtype, storageKey, shape } = described;
    const decoder = DECODERS[dtype];
    if (!decoder) {
      const values = async () => {
        throw refuse(`${name}: ${unsupported(dtype)}`);
      };
      tensors.set(name, { dtype, shape, values });
      continue;
    }
    const { where, source } = storage(storageKey);
    const needed = (described.offset + extentOf(described)) * decoder.bytes;
    if (!source) problems.push(`${name}: the file must contain its storage ${where}.`);
    else if (source.size < needed)
      problems.push(`${name}: ${where} must have at least ${needed} bytes, got ${source.size}.`);
    else if (!isContiguous(described) && sizeOf(shape) * decoder.bytes > source.size)
      problems.push(`${name}: must be contiguous. Save it after .contiguous().`); // expanded
    else tensors.set(name, { dtype, shape, values: (rows) => readView(described, source, rows) });
  }
  if (problems.length > 0) throw refuse(...problems);
  if (wrapped) onNote('Removed "module." from the names of the tensors.');
  return tensors;
}
