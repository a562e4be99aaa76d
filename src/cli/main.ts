/** The command line, `alexnet <verb> …`. Results go to stdout, progress and errors to stderr. */
import { Command, Option } from 'commander';
import packageJson from '../../package.json';
import { AlexNetError, OptionsError, reasonOf } from '../errors';
import { clearCache, listCache } from './cache';
import { classifyFiles } from './classify';
import { convertFile } from './convert';
import { evaluateFolder } from './evaluate';
import { exportSet } from './export';
import { fineTuneFolder } from './fineTune';
import { inspectSet } from './inspect';
import {
  SOURCE_NAMES,
  backend,
  base,
  cache,
  crops,
  fraction,
  from,
  integer,
  json,
  positiveInteger,
  positiveNumber,
  precision,
  weights,
} from './options';
import { guardConsole, guardProcess, visible } from './terminal';

/** How many files a command processed and how many it skipped. */
interface Count {
  done: number;
  skipped: number;
}

/** Exit statuses other than 0: some files were skipped, or nothing could be done. */
const [SKIPPED, FAILED] = [1, 2];

const program = new Command('alexnet')
  .description(
    'AlexNet (Krizhevsky, Sutskever, Hinton, 2012): classify images from the command line.',
  )
  .version(packageJson.version)
  .showHelpAfterError('(see alexnet --help)')
  .addHelpText(
    'after',
    '\nExit status: 0 if everything succeeded, 1 if some files were skipped, 2 if nothing could be done, 130 if Ctrl-C stopped it.',
  )
  .configureOutput({
    writeOut: (text) => void process.stdout.write(visible(text)),
    writeErr: (text) => void process.stderr.write(visible(text)),
  })
  .exitOverride();

/** Whether the running command also writes files: it then continues if its output is closed. */
let writes = false;
const WRITING = ['convert', 'export', 'fine-tune'];
program.hook('preAction', (_program, command) => {
  writes =
    WRITING.includes(command.name()) ||
    command.opts().resume !== undefined ||
    command.opts().record !== undefined;
});
guardConsole();
guardProcess(() => writes);

/** Wraps a command: sets the exit status from the numbers of processed and skipped files. */
const withStatus =
  <Args extends unknown[]>(verb: (...args: Args) => Promise<Count>) =>
  async (...args: Args) => {
    const { done, skipped } = await verb(...args);
    if (skipped > 0) process.exitCode = done > 0 ? SKIPPED : FAILED;
  };

program
  .command('classify')
  .description('print the most probable classes of each image, with bars')
  .argument('<images...>', 'files or URLs')
  .option('--top <count>', 'how many classes to print', positiveInteger, 5)
  .addOption(crops())
  .addOption(weights())
  .addOption(from())
  .addOption(cache())
  .addOption(base())
  .addOption(backend())
  .addOption(precision('auto'))
  .addOption(json())
  .action(withStatus(classifyFiles));

program
  .command('evaluate')
  .description('measure top-1 and top-5 accuracy on a folder with one folder per class')
  .argument(
    '<folder>',
    "contains one folder per class, named by WordNet ID or label; or all of ImageNet's validation images and Caffe's val.txt",
  )
  .option('--limit <count>', 'the maximum number of images per class', positiveInteger)
  .option(
    '--pairs <count>',
    'how many of the most frequent confusions to print',
    positiveInteger,
    10,
  )
  .option(
    '--workers <count>',
    'worker threads, each with its own copy of the network (default: none)',
    positiveInteger,
  )
  .option(
    '--resume <file.jsonl>',
    'log each result there, and continue from the results already there',
  )
  .option(
    '--record <name>',
    'write the accuracy to the model.json of --weights; <name> names the images, such as "ImageNet validation"',
  )
  .addOption(crops())
  .addOption(weights())
  .addOption(from())
  .addOption(cache())
  .addOption(base())
  .addOption(backend())
  .addOption(precision('float32'))
  .addOption(json())
  .addHelpText(
    'after',
    '\nThe results are the same for any number of workers. After Ctrl-C, the same command with --resume continues, if weights and options are the same.',
  )
  .action(withStatus(evaluateFolder));

program
  .command('convert')
  .description(
    "convert another framework's weights to a set: model.json, shards of at most 4 MiB, index.js",
  )
  .argument(
    '<file>',
    `a path or URL of a .pth, .safetensors, .caffemodel or .onnx of an AlexNet, or of a file that weights/imagenet-293/recipe writes; or ${SOURCE_NAMES}, which are downloaded`,
  )
  .requiredOption(
    '-o, --output <folder>',
    'the folder to write the set to; shards of an earlier set in it are removed',
  )
  .addOption(
    new Option(
      '--quantize <type>',
      `how float32 kernels are stored (default: "uint8" for ${SOURCE_NAMES}, else "float32")`,
    ).choices(['float32', 'float16', 'uint8', 'uint4']),
  )
  .option('--gzip', 'compress the shards', true)
  .option('--no-gzip', 'do not compress the shards')
  .option(
    '--labels <file>',
    "the classes: one per line (Caffe's synset_words.txt), CSV, JSON, or the model.json of another set",
  )
  .option(
    '--mean <mean>',
    "the mean to subtract from the images: red,green,blue from 0 to 255, or Caffe's mean.binaryproto",
  )
  .addOption(
    new Option(
      '--variant <name>',
      'for a .caffemodel that does not state whether pooling precedes normalization',
    ).choices(['caffe', 'caffenet']),
  )
  .addOption(
    new Option(
      '--channels <order>',
      'the channel order that the first layer of an .onnx expects',
    ).choices(['rgb', 'bgr']),
  )
  .option('--name <name>', "the name of the set (default: the file's name)")
  .addOption(from())
  .addOption(cache())
  .addOption(json())
  .addHelpText(
    'after',
    '\nThe format is detected from the content. The file is read in parts, and nothing in it is executed. Prints a table of the converted tensors.',
  )
  .action(withStatus(convertFile));

program
  .command('export')
  .description(
    'export weights to a file for ONNX Runtime, Triton or PyTorch, or to a folder for TensorFlow.js',
  )
  .argument(
    '[weights]',
    'a model.json, a folder, a .zip from save(), or what --weights of classify accepts (default: the shipped set)',
  )
  .requiredOption(
    '-o, --output <path>',
    'what to write: a .safetensors, an .onnx, or a folder for tf.loadGraphModel',
  )
  .addOption(
    new Option(
      '--quantize <type>',
      'how kernels are stored; uint8 only for TensorFlow.js and alexnet-ts',
    )
      .choices(['float32', 'float16', 'uint8'])
      .default('float32'),
  )
  .addOption(
    new Option(
      '--input <kind>',
      'the input of the graph: red, green, blue from 0 to 255, or with the mean subtracted (default: "pixels")',
    ).choices(['pixels', 'prepared']),
  )
  .addOption(
    new Option(
      '--layout <names>',
      'names and axes in a .safetensors (default: "alexnet-ts")',
    ).choices(['alexnet-ts', 'pytorch', 'torchvision']),
  )
  .addOption(base())
  .addOption(from())
  .addOption(cache())
  .option('--force', 'overwrite an existing output')
  .addOption(json())
  .addHelpText(
    'after',
    '\nA fine-tuned model is written with all its layers. The file contains labels and preprocessing; `alexnet convert` converts a .safetensors or .onnx back.',
  )
  .action(withStatus(exportSet));

program
  .command('fine-tune')
  .description('train a classifier on your own images, in one folder per class')
  .argument(
    '<folder>',
    'contains one folder per class, named after the class; or a zip of such a folder',
  )
  .requiredOption(
    '-o, --output <folder>',
    'the folder to write model.json and its shards to, for --weights of the other commands',
  )
  .addOption(
    new Option(
      '--train <what>',
      'what to train: a new last layer, all dense layers, or every layer',
    )
      .choices(['head', 'classifier', 'all'])
      .default('head'),
  )
  .option(
    '--epochs <count>',
    'passes over the images (default: 20 or more for a head, else 10)',
    positiveInteger,
  )
  .option('--validation <share>', 'fraction of each class held out for validation', fraction, 0.15)
  .option('--seed <number>', 'the same seed gives the same model', integer, 0)
  .option(
    '--learning-rate <rate>',
    'learning rate (default: 0.01 for a head, else 0.001)',
    positiveNumber,
  )
  .option('--batch-size <count>', 'images per step', positiveInteger, 16)
  .option(
    '--augment',
    "augment with the paper's random crops, mirror images and color shifts (default: not for a head)",
  )
  .option('--whole', 'save every layer, not only the trained ones')
  .addOption(weights())
  .addOption(from())
  .addOption(cache())
  .addOption(base())
  .addOption(backend())
  .addOption(json())
  .action(withStatus(fineTuneFolder));

program
  .command('inspect')
  .description('print the layers, shapes, parameters, size and origin of a set of weights')
  .argument('[weights]', 'what --weights accepts (default: the shipped set)')
  .option('--verify', 'also read every shard and check its SHA-256')
  .addOption(weights())
  .addOption(from())
  .addOption(cache())
  .addOption(json())
  .action(withStatus(inspectSet));

const cacheCommand = program
  .command('cache')
  .description('list or remove downloaded files and the sets converted from them');
cacheCommand
  .command('list', { isDefault: true })
  .description('print the contents and the location of the cache')
  .addOption(cache())
  .addOption(json())
  .action(withStatus(listCache));
cacheCommand
  .command('clear')
  .description('remove everything, or only the named entries')
  .argument(
    '[names...]',
    `${SOURCE_NAMES}, or another name or URL that \`alexnet cache list\` shows`,
  )
  .addOption(cache())
  .addOption(json())
  .action(withStatus(clearCache));

// Not awaited: chunks that a command imports may import this file, which would then wait for
// itself.
program.parseAsync().catch((error: unknown) => {
  const code = (error as { exitCode?: number }).exitCode;
  if (code === undefined) {
    // The user can act on an expected error: print its message. Any other is a bug: print the
    // stack.
    const expected =
      error instanceof AlexNetError || (error as NodeJS.ErrnoException).code !== undefined;
    console.error(
      `alexnet: ${expected || !(error instanceof Error) ? reasonOf(error) : error.stack}`,
    );
    if (error instanceof OptionsError) console.error('(see alexnet --help)');
  }
  process.exitCode = code === 0 ? 0 : (process.exitCode ?? FAILED); // 130 if Ctrl-C stopped it
});
