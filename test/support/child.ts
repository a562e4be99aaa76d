/** Runs Node in a separate process, where nothing is imported yet. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `node` in the project root, where `alexnet-ts` resolves as in an app. */
export function node(
  args: readonly string[],
  {
    cwd = root,
    env = {},
    onStart,
  }: {
    cwd?: string;
    /** Changes to the environment; undefined removes a variable. */
    env?: NodeJS.ProcessEnv;
    onStart?: (child: ChildProcess) => void;
  } = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', ...env },
    });
    const outcome: Outcome = { status: null, stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (outcome.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (outcome.stderr += text));
    child.on('error', reject);
    onStart?.(child);
    child.on('close', (status) => resolve({ ...outcome, status }));
  });
}

/** Returns what a program prints as JSON. Fails if the program fails. */
export async function printed(
  program: string,
  {
    type = 'module',
    flags = [],
    env = {},
  }: {
    type?: 'module' | 'commonjs';
    flags?: readonly string[];
    env?: NodeJS.ProcessEnv;
  } = {},
): Promise<unknown> {
  const { status, stdout, stderr } = await node(
    [...flags, `--input-type=${type}`, '--eval', program],
    { env },
  );
  if (status !== 0) throw new Error(`the program exited with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}
