/**
 * readExamples: reads and checks every example's meta.ts. A missing or invalid one fails the build.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { tsImport } from 'tsx/esm/api';

const examples = fileURLToPath(new URL('..', import.meta.url));

/** Folders that are not examples. */
const NO_PAGES = ['article', 'gallery', 'images', 'things', 'testing'];

const RULES = {
  order: (value) => Number.isInteger(value) && value > 0,
  title: (value) => typeof value === 'string' && value.length > 0,
  description: (value) => typeof value === 'string' && /[.?!]$/.test(value),
  files: (value) => Array.isArray(value) && value.length > 0,
};

export async function readExamples() {
  const folders = readdirSync(examples, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !NO_PAGES.includes(entry.name))
    .map((entry) => entry.name);
  const problems = [];
  const found = await Promise.all(
    folders.map(async (folder) => {
      const missing = ['meta.ts', 'index.html', 'main.ts', 'card.svg'].filter(
        (file) => !existsSync(join(examples, folder, file)),
      );
      for (const file of missing) problems.push(`examples/${folder}: needs a ${file}.`);
      if (missing.includes('meta.ts')) return undefined;
      const { meta } = await tsImport(
        pathToFileURL(join(examples, folder, 'meta.ts')).href,
        import.meta.url,
      );
      for (const [key, holds] of Object.entries(RULES)) {
        if (!holds(meta?.[key]))
          problems.push(
            `examples/${folder}/meta.ts: ${key} is missing or invalid. See examples/gallery/meta.ts.`,
          );
      }
      for (const file of meta?.files ?? []) {
        if (!existsSync(join(examples, folder, file)))
          problems.push(`examples/${folder}/meta.ts: files lists ${file}, which does not exist.`);
      }
      return { folder, ...meta };
    }),
  );
  const orders = found.map((example) => example?.order);
  for (const [i, order] of orders.entries()) {
    if (orders.indexOf(order) !== i)
      problems.push(`examples/${folders[i]}/meta.ts: order ${order} is already used.`);
  }
  if (problems.length) throw new Error(`The gallery cannot be built.\n${problems.join('\n')}`);
  return found.sort((a, b) => a.order - b.order);
}
