/**
 * The terminal: text of strangers (labels, names, file names, provenance) cannot control it, a
 * closed or full output ends the program with the right status, and the cursor comes back.
 */
import { format } from 'node:util';
import { reasonOf } from '../errors';

/**
 * Control characters except tab and line feed, and characters that reorder or hide text: zero
 * width and bidirectional ones, line separators, tags.
 */
const UNSEEN =
  // eslint-disable-next-line no-control-regex -- they are what is removed
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** Returns the text without what a terminal would obey instead of showing. */
export const visible = (text: string): string => text.replace(UNSEEN, '');

/** Like `visible`, on one line: for names and labels, which could forge lines of their own. */
export const oneLine = (text: string): string => visible(text.replace(/[\t\r\n]+/g, ' '));

/** Prints a value as JSON. What `visible` would remove is escaped, so that the value is exact. */
export function printJSON(value: unknown): void {
  const text = JSON.stringify(value, null, 2).replace(UNSEEN, (found) =>
    Array.from(
      { length: found.length },
      (_, i) => `\\u${found.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
  process.stdout.write(`${text}\n`);
}

/** Makes everything that is printed visible: also warnings of libraries. */
export function guardConsole(): void {
  for (const [method, stream] of [
    ['log', process.stdout],
    ['info', process.stdout],
    ['error', process.stderr],
    ['warn', process.stderr],
  ] as const)
    console[method] = (...args: unknown[]) => void stream.write(`${visible(format(...args))}\n`);
}

/** The status of a program that a signal has ended. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Ends the program on a signal that no command handles, as `process.exit` does, which removes
 * temporary files; shows the cursor again; ends quietly when a reader such as `head` has closed
 * the output, and with a reason and status 2 when it cannot be written.
 *
 * @param finishes whether the command has something to write besides its output, which it must
 * finish although nobody reads the output
 */
export function guardProcess(finishes: () => boolean): void {
  for (const [signal, status] of Object.entries(SIGNALS) as [keyof typeof SIGNALS, number][])
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(status);
    });
  if (process.stderr.isTTY) process.on('exit', () => process.stderr.write('\x1b[?25h'));
  let failed = false;
  process.on('exit', () => {
    if (failed) process.exitCode = 2;
  });
  process.stderr.on('error', () => {}); // there is nowhere to report it
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') {
      if (!finishes()) process.exit();
      return;
    }
    if (failed) return;
    failed = true;
    console.error(`alexnet: the output cannot be written (${reasonOf(error)}).`);
    if (!finishes()) process.exit(2);
  });
}
