/**
 * Protects the terminal: untrusted text (labels, names, file names, provenance) cannot control it,
 * a closed or full output ends the program with the right status, and the cursor is shown again.
 */
import { format } from 'node:util';
import { reasonOf } from '../errors';

/**
 * Control characters except tab and line feed, and characters that reorder or hide text: zero
 * width and bidirectional ones, line separators, tags.
 */
const UNSAFE =
  // eslint-disable-next-line no-control-regex -- matches what is removed
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** Removes what a terminal would interpret or hide instead of displaying it. */
export const visible = (text: string): string => text.replace(UNSAFE, '');

/** Like `visible`, but on one line: for names and labels, which could forge lines of output. */
export const oneLine = (text: string): string => visible(text.replace(/[\t\r\n]+/g, ' '));

/** Prints a value as JSON. Escapes what `visible` would remove, so that the value stays exact. */
export function printJSON(value: unknown): void {
  const text = JSON.stringify(value, null, 2).replace(UNSAFE, (found) =>
    Array.from(
      { length: found.length },
      (_, i) => `\\u${found.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
  process.stdout.write(`${text}\n`);
}

/** Passes everything that is printed through `visible`, including warnings from libraries. */
export function guardConsole(): void {
  for (const [method, stream] of [
    ['log', process.stdout],
    ['info', process.stdout],
    ['error', process.stderr],
    ['warn', process.stderr],
  ] as const)
    console[method] = (...args: unknown[]) => void stream.write(`${visible(format(...args))}\n`);
}

/** The exit status of a program that was ended by a signal. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * On a signal that no command handles, ends the program with `process.exit`, which removes
 * temporary files. Shows the cursor again on exit. Ends quietly when a reader such as `head` closes
 * the output, and with the reason and status 2 when the output cannot be written.
 *
 * @param finishes whether the command also writes files, which it must finish even if nothing reads
 * its output
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
