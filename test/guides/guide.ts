/** The code blocks of a guide in docs/, in order. Each must be used. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/child';

export const folder = join(root, 'docs/guide');
export const guides = readdirSync(folder).filter((file) => file.endsWith('.md'));

export interface Block {
  /** `ts`, `js`, `html`, `sh`, `http`, or `text`: the output of the previous block. */
  language: string;
  /** The file that it creates or continues; empty if none. */
  file: string;
  code: string;
  /** Guide and line. */
  where: string;
}

/** Returns the blocks of a guide. A fence states the language and the file. */
export function blocksOf(guide: string): Block[] {
  const text = readFileSync(join(folder, guide), 'utf8');
  return [...text.matchAll(/^( *)```(\w+) ?(.*)\n([^]*?)^ *```$/gm)].map(
    ({ 1: indent, 2: language, 3: file, 4: code, index }) => ({
      language: language!,
      file: file!,
      code: code!.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      where: `${guide}:${text.slice(0, index).split('\n').length}`,
    }),
  );
}

export class Guide {
  readonly #left: Block[];

  constructor(readonly name: string) {
    this.#left = blocksOf(name);
  }

  /** Returns the code of the next block, which must be of this kind: `sh`, `js what.js`. */
  take(kind: string): string {
    const block = this.#left.shift();
    const got = block ? `${block.language} ${block.file}`.trim() : 'none';
    if (got !== kind)
      throw new Error(
        `${block?.where ?? this.name}: a block "${kind}" was expected, got "${got}".`,
      );
    return block!.code;
  }

  /** Skips a block that is not run, for a reason. */
  leave(kind: string, reason: string): void {
    this.take(kind);
    process.stdout.write(`${this.name}: a block "${kind}" is not run: ${reason}\n`);
  }

  /** Fails if a block was not used. */
  end(): void {
    const [block] = this.#left;
    if (block)
      throw new Error(`${block.where}: no test uses this block "${block.language} ${block.file}".`);
  }
}
