/** Finds the weights of an AlexNet in a checkpoint. */
import { isCall, type PickledCall, type Value } from './pickle';

/** Name components that wrappers insert into the names of a module's tensors. */
const WRAPPERS: ReadonlySet<string> = new Set([
  'module', // nn.DataParallel, DistributedDataParallel
  '_orig_mod', // torch.compile
  '_module', // Opacus
  '_fsdp_wrapped_module',
  '_checkpoint_wrapped_module',
]);

/** The blocks of torchvision's alexnet. */
const BLOCKS: ReadonlySet<string> = new Set(['features', 'classifier']);

/** A state dict with torchvision's names, and the other tensors of the file. */
export interface NamedTensors {
  /** The name in the file by torchvision's name, `features.0.weight`. */
  names: Map<string, string>;
  /** The parts that were removed: `["model.", "module."]`. */
  removed: string[];
  /** The tensors outside of the network. */
  others: string[];
}

/** Thrown for several networks in one file: only its author can choose between them. */
export class SeveralNetworks extends Error {}

/**
 * Removes prefixes and wrapper components from the names of a state dict, in any nesting. Returns
 * undefined if it contains no AlexNet.
 */
export function torchvisionNames(tensors: Iterable<string>): NamedTensors | undefined {
  const networks = new Map<string, { names: Map<string, string>; removed: Set<string> }>();
  const others: string[] = [];
  for (const name of tensors) {
    const parts = name.split('.');
    const block = parts.findIndex((part) => BLOCKS.has(part));
    if (block < 0) {
      others.push(name);
      continue;
    }
    const prefix = parts.slice(0, block);
    const inside = parts.slice(block);
    const network = prefix.filter((part) => !WRAPPERS.has(part)).join('.');
    let found = networks.get(network);
    if (!found) networks.set(network, (found = { names: new Map(), removed: new Set() }));
    if (prefix.length > 0) found.removed.add(`${prefix.join('.')}.`);
    for (const part of inside) if (WRAPPERS.has(part)) found.removed.add(`${part}.`);
    const plain = inside.filter((part) => !WRAPPERS.has(part)).join('.');
    if (found.names.has(plain))
      throw new SeveralNetworks(
        `${found.names.get(plain)} and ${name} are both ${plain}. Save one network.`,
      );
    found.names.set(plain, name);
  }
  const complete = [...networks].filter(([, { names }]) => isAlexNet(names));
  if (complete.length > 1) {
    const prefixes = complete.map(([prefix]) => (prefix ? `"${prefix}."` : 'no prefix'));
    throw new SeveralNetworks(
      `must contain one AlexNet, got ${complete.length}, with the prefixes ${prefixes.join(', ')}. Save one of them: torch.save(model.state_dict(), path).`,
    );
  }
  const [first] = complete;
  if (!first) return undefined;
  for (const [prefix, { names }] of networks)
    if (prefix !== first[0]) others.push(...names.values());
  const { names, removed } = first[1];
  return { names, removed: [...removed], others };
}

const isAlexNet = (names: ReadonlyMap<string, string>): boolean => {
  let [convolutions, dense] = [0, 0];
  for (const name of names.keys()) {
    if (/^features\.\d+\.weight$/.test(name)) convolutions++;
    else if (/^classifier\.(\d+\.)*weight$/.test(name)) dense++;
  }
  return convolutions >= 5 && dense >= 1;
};

/** A dict with tensors in a pickle, or in the dicts in it. */
interface DictOfTensors {
  /** The keys that lead to it: `["checkpoint", "state_dict"]`. */
  path: readonly string[];
  /** By name; the names of a dict within it are joined by a dot. */
  tensors: [name: Value, tensor: Value][];
}

/** The usual keys of the weights, the preferred first. */
const KEYS = ['state_dict', 'model_state_dict', 'model', 'net', 'network', 'weights', 'params'];
/** Limits the time spent on deeply nested pickles. */
const MAX_DEPTH = 8;

/** The state dict of a pickle. */
export interface PickledStateDict extends DictOfTensors {
  /** The paths of other state dicts of an AlexNet. */
  alternatives: string[];
}

/** Whether a value is a pickled tensor. */
export const isTensor = (value: Value | undefined): value is PickledCall =>
  isCall(value) && /^torch[\w.]* _rebuild_/.test(value.name);

/**
 * Returns the dict that contains the tensors of an AlexNet, whatever its keys. If there is none,
 * returns the dict with a usual key, or the one with the most tensors.
 */
export function findStateDict(root: Value): PickledStateDict | undefined {
  const dicts: DictOfTensors[] = [];
  const chosen: DictOfTensors[] = [];
  const visited = new Set<Value>(); // a dict that is in several places is found in the first
  /** Returns the tensors in a value, and whether one of its parts is an AlexNet. */
  const visit = (value: Value, path: readonly string[]): [DictOfTensors['tensors'], boolean] => {
    const entries =
      value instanceof Map
        ? value.entries()
        : Array.isArray(value)
          ? (value as readonly Value[]).entries()
          : isCall(value) && value.items
            ? value.items.entries()
            : undefined;
    if (!entries || path.length > MAX_DEPTH || visited.has(value)) return [[], false];
    visited.add(value);
    const tensors: DictOfTensors['tensors'] = [];
    let found = false;
    for (const [key, each] of entries) {
      if (isTensor(each)) tensors.push([key, each]);
      else {
        const [below, isFound] = visit(each, [...path, textOf(key)]);
        found ||= isFound;
        for (const [name, tensor] of below)
          tensors.push([typeof name === 'object' ? name : `${textOf(key)}.${name}`, tensor]);
      }
    }
    if (tensors.length === 0) return [tensors, found];
    const dict = { path, tensors };
    dicts.push(dict);
    if (!found && hasAlexNet(tensors)) {
      chosen.push(dict);
      found = true;
    }
    return [tensors, found];
  };
  visit(root, []);
  const rank = ({ path }: DictOfTensors) => {
    const usual = KEYS.indexOf(path.at(-1) ?? '');
    return usual < 0 ? KEYS.length : usual;
  };
  const [best, ...others] = chosen.sort((a, b) => rank(a) - rank(b)); // stable
  if (best) return { ...best, alternatives: others.map(({ path }) => path.join('.')) };
  const usual = dicts.filter((dict) => rank(dict) < KEYS.length && dict.path.length === 1);
  const fallback =
    usual.sort((a, b) => rank(a) - rank(b))[0] ??
    dicts.sort((a, b) => b.tensors.length - a.tensors.length)[0];
  return fallback && { ...fallback, alternatives: [] };
}

/** Returns a key as text; `?` for a tuple, which may contain itself. */
const textOf = (key: Value): string => (typeof key === 'object' ? '?' : String(key));

function hasAlexNet(tensors: DictOfTensors['tensors']): boolean {
  try {
    return torchvisionNames(tensors.map(([name]) => textOf(name))) !== undefined;
  } catch (error) {
    if (error instanceof SeveralNetworks) return true; // reported when it is read
    throw error;
  }
}

/** Returns the class of a pickled nn.Module in a value, `torchvision.models.alexnet.AlexNet`. */
export function pickledModule(root: Value): string | undefined {
  const visited = new Set<Value>();
  const visit = (value: Value, depth: number): string | undefined => {
    if (visited.has(value) || depth > MAX_DEPTH) return undefined;
    if (isCall(value)) {
      const { state } = value;
      const parts = Array.isArray(state) ? (state as readonly Value[]) : [state];
      const isModule = parts.some(
        (part) => part instanceof Map && (part.has('_modules') || part.has('_parameters')),
      );
      return isModule || depth === 0 ? value.name.replace(' ', '.') : undefined;
    }
    if (!(value instanceof Map) && !Array.isArray(value)) return undefined;
    visited.add(value);
    for (const each of value instanceof Map ? value.values() : (value as readonly Value[])) {
      const found = visit(each, depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return visit(root, 0);
}
