/** A newcomer's folder: what a guide says is typed into its shell and saved into its files. */
import { spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { root } from '../support/child';

/** A command that takes longer is stuck, in ms. */
const PATIENCE = 180_000;

export class Folder {
  /**
   * @param path An empty folder.
   * @param tarball What `npm install alexnet-ts` installs; without it the package is linked, as the last build left it, and nothing is fetched.
   */
  constructor(
    readonly path: string,
    readonly tarball?: string,
  ) {}

  at(...file: string[]): string {
    return join(this.path, ...file);
  }

  /** A folder in this one. */
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

  /** Copies files of the tree: `{ 'photo.jpg': 'examples/images/lemon.jpg' }`. */
  async put(files: Record<string, string>): Promise<void> {
    for (const [file, source] of Object.entries(files)) await cp(join(root, source), this.at(file));
  }

  /** Copies the first pictures of a class of the gallery's data set. */
  async putClass(folder: string, things: string, count: number): Promise<void> {
    const from = `examples/things/pictures/${things}`;
    const names = (await readdir(join(root, from))).sort().slice(0, count);
    await this.put(
      Object.fromEntries(names.map((name) => [`${folder}/${name}`, `${from}/${name}`])),
    );
  }

  /** Types the commands of a block. What they print; it fails with the first of them that fails, unless `status` says that it does. */
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

  /** Types a command that goes on until it is stopped, and waits until it has printed this. */
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
    // A group of its own, so that a server ends together with the npm that started it.
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
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has ended by itself
    }
  }

  /** The same commands with the package that is tested in the place of the published one. */
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
