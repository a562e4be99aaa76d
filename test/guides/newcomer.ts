/** Folder: a project in which the commands of a guide run and its files are saved. */
import { spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { root } from '../support/child';

/** Time limit of a command, in ms. */
const PATIENCE = 180_000;

export class Folder {
  /**
   * @param path an empty folder
   * @param tarball installed by `npm install alexnet-ts`; without it, the built package is linked
   */
  constructor(
    readonly path: string,
    readonly tarball?: string,
  ) {}

  at(...file: string[]): string {
    return join(this.path, ...file);
  }

  /** Returns a subfolder. */
  inside(name: string): Folder {
    return new Folder(this.at(name), this.tarball);
  }

  read(file: string): Promise<string> {
    return readFile(this.at(file), 'utf8');
  }

  async write(file: string, text: string | Uint8Array): Promise<void> {
    await mkdir(dirname(this.at(file)), { recursive: true });
    await writeFile(this.at(file), text);
  }

  /** Copies files of the project: `{ 'photo.jpg': 'examples/images/lemon.jpg' }`. */
  async put(files: Record<string, string>): Promise<void> {
    for (const [file, source] of Object.entries(files)) await cp(join(root, source), this.at(file));
  }

  /** Copies the first images of a sample class of the gallery. */
  async putClass(folder: string, things: string, count: number): Promise<void> {
    const from = `examples/things/pictures/${things}`;
    const names = (await readdir(join(root, from))).sort().slice(0, count);
    await this.put(
      Object.fromEntries(names.map((name) => [`${folder}/${name}`, `${from}/${name}`])),
    );
  }

  /**
   * Runs the commands of a block and returns their output. Fails unless they exit with `status`.
   */
  async sh(commands: string, status = 0): Promise<string> {
    const { said, closed } = this.#type(await this.#installing(commands));
    const timer = setTimeout(() => this.#interrupt(closed.child), PATIENCE);
    const code = await closed.code;
    clearTimeout(timer);
    if (code !== status)
      throw new Error(
        `the commands ended with ${code}:\n${commands}\n${said.stdout}\n${said.stderr}`,
      );
    return said.stdout;
  }

  /** Starts a command that runs until stopped, and waits for this output. */
  async start(
    command: string,
    ready: RegExp,
  ): Promise<{ printed: string; said(): string; stop(): Promise<void> }> {
    const { said, closed } = this.#type(command);
    const stop = async () => {
      this.#interrupt(closed.child);
      await closed.code;
    };
    for (let waited = 0; !ready.test(said.stdout); waited += 50) {
      if (waited > PATIENCE || closed.child.exitCode !== null) {
        await stop();
        throw new Error(`${command} never said ${ready}: ${said.stdout}\n${said.stderr}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return { printed: ready.exec(said.stdout)![0], said: () => said.stdout, stop };
  }

  #type(commands: string) {
    // In a process group, so that a server ends with the npm that started it.
    const child = spawn('bash', ['-euo', 'pipefail', '-c', commands], {
      cwd: this.path,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        NO_COLOR: '1',
        npm_config_prefer_offline: 'true',
        npm_config_yes: 'true',
      },
    });
    const said = { stdout: '', stderr: '' };
    child.stdout
      .setEncoding('utf8')
      .on('data', (text: string) => (said.stdout += stripVTControlCharacters(text)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
    const code = new Promise<number | null>((resolve, reject) =>
      child.on('error', reject).on('close', resolve),
    );
    return { said, closed: { child, code } };
  }

  #interrupt({ pid }: ChildProcess): void {
    try {
      process.kill(-pid!, 'SIGTERM');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has already exited
    }
  }

  /** Replaces the published package in commands by the tested one. */
  async #installing(commands: string): Promise<string> {
    if (this.tarball)
      return commands.replace(/^npm install alexnet-ts/m, `npm install ${this.tarball}`);
    if (/^npm install alexnet-ts/m.test(commands)) {
      await mkdir(this.at('node_modules/.bin'), { recursive: true });
      await symlink(root, this.at('node_modules/alexnet-ts'));
      await symlink(join(root, 'dist/cli.js'), this.at('node_modules/.bin/alexnet'));
    }
    return commands.replaceAll(/^npm install .*\n/gm, '');
  }

  remove(): Promise<void> {
    return rm(this.path, { recursive: true, force: true });
  }
}
