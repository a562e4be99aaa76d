/** The command line: `alexnet <verb> <input>`. Results on stdout, progress and complaints on stderr. */
import { Command, InvalidArgumentError, Option } from 'commander';
import packageJson from '../../package.json';
import { AlexNetError, OptionsError, reasonOf } from '../errors';
import { classifyFiles } from './classify';
import { convertFile } from './convert';
import { evaluateFolder } from './evaluate';
import { exportSet } from './export';
import { fineTuneFolder } from './fineTune';
import { inspectSet } from './inspect';

/** How many files a verb has done, and how many it could not. */
interface Count {
  done: number;
  skipped: number;
}

/** Exit statuses: all went well; some files were skipped; nothing could be done. */
const [SKIPPED, FAILED] = [1, 2];

const wholeNumber = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It is a whole number from 1.');
  return value;
};

const anyWhole = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value))
    throw new InvalidArgumentError('It is a whole number.');
  return value;
};

const positive = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && value < Infinity)) throw new InvalidArgumentError('It is a number above 0.');
  return value;
};

const share = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value < 1))
    throw new InvalidArgumentError('It is a share from 0 to below 1, as 0.15.');
  return value;
};

const weights = () =>
  new Option(
    '--weights <model.json>',
    'another set of weights than the shipped one: a path or an address',
  );
const base = () =>
  new Option(
    '--base <model.json>',
    'the set that tuned weights stand on, when it is not the shipped one',
  );
const crops = () =>
  new Option('--crops <crops>', 'the centre view, or the ten of the paper, averaged')
    .choices(['centre', 'ten'])
    .default('centre');
const backend = () =>
  new Option('--backend <name>', 'where to compute')
    .choices(['auto', 'wasm', 'cpu'])
    .default('auto');
const json = () => new Option('--json', 'print JSON');

const program = new Command('alexnet')
  .description(
    'AlexNet (Krizhevsky, Sutskever, Hinton, 2012): classify pictures from the command line.',
  )
  .version(packageJson.version)
  .showHelpAfterError('(alexnet --help tells more)')
  .addHelpText(
    'after',
    '\nExit status: 0 when all went well, 1 when some files were skipped, 2 when nothing could be done, 130 when Ctrl-C stopped it.',
  )
  .exitOverride();

/** Runs a verb, and turns how many files it did and skipped into the exit status. */
const status =
  <Args extends unknown[]>(verb: (...args: Args) => Promise<Count>) =>
  async (...args: Args) => {
    const { done, skipped } = await verb(...args);
    if (skipped > 0) process.exitCode = done > 0 ? SKIPPED : FAILED;
  };

program
  .command('classify')
  .description('what is in these pictures: the most probable classes, with bars')
  .argument('<pictures...>', 'files or addresses')
  .option('--top <count>', 'how many classes to name', wholeNumber, 5)
  .addOption(crops())
  .addOption(weights())
  .addOption(base())
  .addOption(backend())
  .addOption(json())
  .action(status(classifyFiles));

program
  .command('evaluate')
  .description('top-1 and top-5 accuracy on a folder of class folders')
  .argument('<folder>', 'holds a folder for each class, named by its WordNet id or label')
  .option('--limit <count>', 'at most so many pictures of each class', wholeNumber)
  .option('--pairs <count>', 'how many of the most confused pairs to print', wholeNumber, 10)
  .option(
    '--workers <count>',
    'worker threads, each with the network in its memory (default: none, all in one thread)',
    wholeNumber,
  )
  .option('--resume <file.jsonl>', 'note each answer there, and go on from what is there already')
  .option(
    '--record <pictures>',
    'write the accuracy into the model.json of --weights, as measured on these pictures ("ImageNet validation")',
  )
  .addOption(crops())
  .addOption(weights())
  .addOption(base())
  .addOption(backend())
  .addOption(json())
  .addHelpText(
    'after',
    '\nThe answers are the same for any number of workers. Ctrl-C stops it; with --resume the same command goes on, with the same weights and options.',
  )
  .action(status(evaluateFolder));

program
  .command('convert')
  .description(
    "from another framework's file of weights to a set: model.json, shards of at most 4 MiB, index.js",
  )
  .argument(
    '<file>',
    "torchvision's .pth or .safetensors, Caffe's .caffemodel, .onnx, or what weights/tiny-imagenet-200/recipe writes",
  )
  .requiredOption(
    '-o, --output <folder>',
    'where the set goes; shards of an earlier one in it are removed',
  )
  .addOption(
    new Option('--quantize <type>', 'how float32 kernels are stored')
      .choices(['float32', 'float16', 'uint8'])
      .default('float32'),
  )
  .option('--gzip', 'pack the shards', true)
  .option('--no-gzip', 'store the shards as they are')
  .option(
    '--labels <file>',
    "the classes, a line each (Caffe's synset_words.txt), JSON, or the model.json of another set",
  )
  .option(
    '--mean <mean>',
    "what is subtracted from the pictures: red,green,blue from 0 to 255, or Caffe's mean.binaryproto",
  )
  .addOption(
    new Option(
      '--variant <name>',
      'of a .caffemodel that does not say whether it pools before it normalises',
    ).choices(['caffe', 'caffenet']),
  )
  .addOption(
    new Option('--channels <order>', 'what the first layer of an .onnx takes').choices([
      'rgb',
      'bgr',
    ]),
  )
  .option('--name <name>', "what the set is called (default: the file's name)")
  .addOption(json())
  .addHelpText(
    'after',
    '\nWhat the file is, its content says. It is read in parts, and nothing in it is executed. The table of what became of each tensor goes to stdout.',
  )
  .action(status(convertFile));

program
  .command('export')
  .description(
    'from a set of weights to a file for ONNX Runtime, Triton, PyTorch, or to a folder for TensorFlow.js',
  )
  .argument(
    '[model.json]',
    'a path, a folder, the .zip that save() made, or an address; default: the shipped set',
  )
  .requiredOption(
    '-o, --output <path>',
    'what to write: a .safetensors, an .onnx, or a folder for tf.loadGraphModel',
  )
  .addOption(
    new Option(
      '--quantize <type>',
      'how kernels are stored; uint8 for TensorFlow.js and alexnet-ts alone',
    )
      .choices(['float32', 'float16', 'uint8'])
      .default('float32'),
  )
  .addOption(
    new Option(
      '--input <kind>',
      'what the graph takes: red, green, blue from 0 to 255, or less the mean already (default: "pixels")',
    ).choices(['pixels', 'prepared']),
  )
  .addOption(
    new Option(
      '--layout <names>',
      'names and axes in a .safetensors (default: "alexnet-ts")',
    ).choices(['alexnet-ts', 'pytorch', 'torchvision']),
  )
  .addOption(base())
  .option('--force', 'replace what is there')
  .addOption(json())
  .addHelpText(
    'after',
    '\nA tuned model is written whole. Labels and preprocessing stand in the file; `alexnet convert` makes a set of a .safetensors or .onnx again.',
  )
  .action(status(exportSet));

program
  .command('fine-tune')
  .description('a classifier of your own pictures, from a folder for each class')
  .argument('<folder>', 'holds a folder for each class, named as the class shall be')
  .requiredOption(
    '-o, --output <folder>',
    'where to write model.json and its shards, for --weights of the other verbs',
  )
  .addOption(
    new Option('--train <what>', 'what learns: a new last layer, all dense layers, or everything')
      .choices(['head', 'classifier', 'all'])
      .default('head'),
  )
  .option(
    '--epochs <count>',
    'times through the pictures (default: 20 and more for a head, else 10)',
    wholeNumber,
  )
  .option(
    '--validation <share>',
    'share of each class that is kept back to measure by',
    share,
    0.15,
  )
  .option('--seed <number>', 'the same seed gives the same model', anyWhole, 0)
  .option(
    '--learning-rate <rate>',
    'step along the gradient (default: 0.01 for a head, else 0.001)',
    positive,
  )
  .option('--batch-size <count>', 'pictures a step', wholeNumber, 16)
  .option('--augment', "the paper's crops, mirror images and colours (default: not for a head)")
  .option('--whole', 'store every layer, not only those that were trained')
  .addOption(weights())
  .addOption(base())
  .addOption(backend())
  .addOption(json())
  .action(status(fineTuneFolder));

program
  .command('inspect')
  .description('what a set of weights holds: layers, shapes, parameters, bytes, origin')
  .argument('[model.json]', 'a path or an address; default: the shipped set')
  .option('--verify', 'read every shard too, and check it against its SHA-256')
  .addOption(weights())
  .addOption(json())
  .action(status(inspectSet));

// Not awaited: chunks that a verb imports may import from this file, which then would wait for itself.
program.parseAsync().catch((error: unknown) => {
  const code = (error as { exitCode?: number }).exitCode;
  if (code === undefined) {
    // What the user can mend is said in a sentence; anything else is a defect of ours, and its stack helps.
    const expected =
      error instanceof AlexNetError || (error as NodeJS.ErrnoException).code !== undefined;
    console.error(
      `alexnet: ${expected || !(error instanceof Error) ? reasonOf(error) : error.stack}`,
    );
    if (error instanceof OptionsError) console.error('(alexnet --help tells more)');
  }
  process.exitCode = code === 0 ? 0 : FAILED;
});
