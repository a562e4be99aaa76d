/** Assigns the modules of a state dict to the layers of torchvision's alexnet. */
import type { FileTensor } from './fileReader';
import { isFloat } from './sourceModel';

/** torchvision numbers all of its layers, including ReLU, pooling and dropout. */
export const TORCHVISION_NAMES: Readonly<Record<string, string>> = {
  conv1: 'features.0',
  conv2: 'features.3',
  conv3: 'features.6',
  conv4: 'features.8',
  conv5: 'features.10',
  fc6: 'classifier.1',
  fc7: 'classifier.4',
  fc8: 'classifier.6',
};

/** Layers between one convolution and the next: ReLU, and pooling after conv1, conv2 and conv5. */
const BETWEEN = [2, 2, 1, 1];
const CONVOLUTIONS = ['conv1', 'conv2', 'conv3', 'conv4', 'conv5'];
const DENSE = ['fc6', 'fc7'];
const UNKNOWN_LAYERS =
  'A state dict does not list the layers without weights; their number must be that of torchvision.';
/** The maximum number of layers of a head that replaces the last layer. */
const MAX_HEAD = 16;

/** One module of the state dict that has tensors: `features.3`. */
interface TorchModule {
  name: string;
  block: string;
  /** Its position in its block; two numbers in a nested head: `classifier.6.3`. */
  position: number[];
  type: 'convolution' | 'dense' | 'batchNorm' | 'other';
}

/** The layers of a state dict, in order. */
export interface Layout {
  /** The module by layer. */
  modules: Map<string, string>;
  /** The batch normalization after a layer. */
  batchNorms: Map<string, string>;
  /** The dense layers after fc8, and whether a ReLU comes before each. */
  head: { layer: string; relu: boolean }[];
  notes: string[];
  problems: string[];
}

/** Returns the problem of a tensor that belongs to no layer. */
export const noPlace = (name: string): string =>
  `${name}: has no place in torchvision's alexnet (features.0 to classifier.6).`;

/** Returns the module that each layer is read from, and the problems. */
export function readLayout(
  names: ReadonlyMap<string, string>,
  tensorOf: (name: string) => FileTensor | undefined,
): Layout {
  const layout: Layout = {
    modules: new Map(),
    batchNorms: new Map(),
    head: [],
    notes: [],
    problems: [],
  };
  const explained = new Set<string>();
  const modules = modulesOf(names, tensorOf);
  readFeatures(
    modules.filter(({ block }) => block === 'features'),
    layout,
    explained,
  );
  readClassifier(
    modules.filter(({ block }) => block === 'classifier'),
    layout,
    explained,
  );
  const tensorsOf = (module: string, isBatchNorm: boolean) =>
    (isBatchNorm ? ['weight', 'bias', 'running_mean', 'running_var'] : ['weight', 'bias']).map(
      (kind) => `${module}.${kind}`,
    );
  const placed = new Set([
    ...[...layout.modules.values()].flatMap((module) => tensorsOf(module, false)),
    ...[...layout.batchNorms.values()].flatMap((module) => tensorsOf(module, true)),
  ]);
  for (const [name, inFile] of names) {
    if (placed.has(name) || explained.has(name.replace(/\.\w+$/, ''))) continue;
    if (isFloat(tensorOf(name)!)) layout.problems.push(noPlace(inFile));
  }
  return layout;
}

/** Returns the modules with tensors, in order. */
function modulesOf(
  names: ReadonlyMap<string, string>,
  tensorOf: (name: string) => FileTensor | undefined,
): TorchModule[] {
  const modules: TorchModule[] = [];
  for (const name of names.keys()) {
    const match = /^((features|classifier)\.(\d{1,4}(?:\.\d{1,4})?))\.weight$/.exec(name);
    const module = match?.[1] ?? (/^(.*)\.running_mean$/.exec(name)?.[1] as string);
    if (module === undefined || modules.some((each) => each.name === module)) continue;
    const [block, ...position] = module.split('.') as [string, ...string[]];
    const axes = tensorOf(`${module}.weight`)?.shape.length;
    const type = tensorOf(`${module}.running_mean`)
      ? 'batchNorm'
      : axes === 4
        ? 'convolution'
        : axes === 2
          ? 'dense'
          : 'other';
    modules.push({ name: module, block, position: position.map(Number), type });
  }
  return modules.sort(
    ({ position: a }, { position: b }) => a[0]! - b[0]! || (a[1] ?? -1) - (b[1] ?? -1),
  );
}

/**
 * Assigns the convolutions and their batch normalizations, and checks the positions between them.
 */
function readFeatures(modules: readonly TorchModule[], layout: Layout, explained: Set<string>) {
  const convolutions = modules.filter(
    ({ type, position }) => type === 'convolution' && position.length === 1,
  );
  let wanted = 0;
  for (const [i, layer] of CONVOLUTIONS.entries()) {
    const module = convolutions[i];
    const at = module?.position[0];
    if (!module || at !== wanted) {
      const others = modules.some(
        ({ position, type }) => type !== 'convolution' && position[0]! < (at ?? 0),
      ); // which are refused themselves, or are batch normalizations in another place
      if (!module) layout.problems.push(`${TORCHVISION_NAMES[layer]}.weight: must be in the file.`);
      else if (!others || at! < wanted)
        layout.problems.push(
          `${module.name}.weight: must be features.${wanted}. ${UNKNOWN_LAYERS}`,
        );
      if (!others) for (const { name } of modules) explained.add(name);
      break;
    }
    layout.modules.set(layer, module.name);
    wanted = at + 1 + addBatchNorm(modules, module, layout, layer) + (BETWEEN[i] ?? 0);
  }
  refuseOtherBatchNorms(modules, layout, explained);
}

/** Assigns two dense layers, and the last layer or a head of several. */
function readClassifier(modules: readonly TorchModule[], layout: Layout, explained: Set<string>) {
  const dense = modules.filter(({ type }) => type === 'dense');
  const top = dense.filter(({ position }) => position.length === 1);
  const nested = dense.filter(({ position }) => position.length === 2);
  const head = top[2]
    ? [top[2]]
    : nested.filter(({ position }) => position[0] === nested[0]!.position[0]);
  const chain = [...top.slice(0, DENSE.length), ...head];
  if (top.length < DENSE.length || head.length === 0 || head.length > MAX_HEAD) {
    layout.problems.push(
      `${TORCHVISION_NAMES[DENSE[top.length] ?? 'fc8']}.weight: must be in the file, or a head of at most ${MAX_HEAD} layers, classifier.6.0 and so on.`,
    );
    for (const { name } of modules) explained.add(name);
    return;
  }
  const assumed: string[] = [];
  let after = -1; // the position of the layer before
  for (const [i, module] of chain.entries()) {
    const layer = DENSE[i] ?? `fc${6 + i}`;
    const enters = module.position.length === 2 && i === DENSE.length;
    const at = enters ? module.position[0]! : module.position.at(-1)!;
    const between = at - after - 1;
    const [least, most] = i === 0 ? [0, 1] : i > DENSE.length ? [0, 2] : [1, 2];
    if (between < least || between > most || (enters && module.position[1]! > 1)) {
      layout.problems.push(
        `${module.name}.weight: must come after ${i === 0 ? 'at most one Dropout' : `${chain[i - 1]!.name}, ReLU and at most one Dropout`}. ${UNKNOWN_LAYERS}`,
      );
      for (const { name } of modules) explained.add(name);
      break;
    }
    layout.modules.set(layer, module.name);
    if (i > DENSE.length) layout.head.push({ layer, relu: between > 0 });
    if (module.name !== TORCHVISION_NAMES[layer]) assumed.push(module.name);
    after = module.position.at(-1)! + addBatchNorm(modules, module, layout, layer);
  }
  refuseOtherBatchNorms(modules, layout, explained);
  if (assumed.length > 0) {
    const direct = layout.head.some(({ relu }) => !relu)
      ? ', except where one directly follows another'
      : '';
    layout.notes.push(
      `Read ${assumed.join(', ')} as dense layers with ReLU between them${direct}. ${UNKNOWN_LAYERS}`,
    );
  }
}

/** Records the batch normalization directly after a layer. Returns 1 if there is one, else 0. */
function addBatchNorm(
  modules: readonly TorchModule[],
  { position }: TorchModule,
  layout: Layout,
  layer: string,
): 0 | 1 {
  const wanted = [...position.slice(0, -1), position.at(-1)! + 1].join('.');
  const next = modules.find(
    ({ type, position: other }) => type === 'batchNorm' && other.join('.') === wanted,
  );
  if (next) layout.batchNorms.set(layer, next.name);
  return next ? 1 : 0;
}

/** Reports other batch normalizations: after ReLU or pooling they cannot be folded into a layer. */
function refuseOtherBatchNorms(
  modules: readonly TorchModule[],
  layout: Layout,
  explained: Set<string>,
) {
  const folded = new Set(layout.batchNorms.values());
  for (const { name, type } of modules) {
    if (type !== 'batchNorm' || folded.has(name) || explained.has(name)) continue;
    explained.add(name);
    layout.problems.push(
      `${name}: batch normalization must come directly after a convolution or a dense layer, to be folded into it. Other layers are between them here.`,
    );
  }
}
