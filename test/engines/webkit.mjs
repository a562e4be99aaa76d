/** WebKitGTK, driven over plain HTTP by WebKitWebDriver. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { findPrograms } from './programs.mjs';

const minutes = 60_000;
/** The key of an element in WebDriver's JSON. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/**
 * @param {string} display of the X server
 * @param {Record<string, string>} [env] additional environment variables
 * @returns {Promise<import('./driver.mjs').Driver>}
 */
export async function openWebKit(display, env = {}) {
  const { programs } = findPrograms('webkit');
  const port = await freePort();
  // In a process group of its own, which close() ends with all of the browser's processes.
  const driver = spawn(
    programs['dbus-run-session'],
    ['--', programs.WebKitWebDriver, `--port=${port}`],
    {
      stdio: 'ignore',
      detached: true,
      env: {
        ...process.env,
        DISPLAY: display,
        GDK_BACKEND: 'x11',
        LIBGL_ALWAYS_SOFTWARE: '1',
        LC_ALL: 'C', // en-US; from C.UTF-8 it makes the language "C", which Intl refuses
        ...env,
      },
    },
  );
  const stop = () => {
    try {
      process.kill(-driver.pid, 'SIGKILL');
    } catch {
      // it has ended
    }
  };
  process.once('exit', stop);
  let failure;
  driver.once('error', (error) => (failure = error));

  async function request(method, path, body) {
    const response = await fetch(`http://127.0.0.1:${port}/session${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(12 * minutes),
    });
    const { value } = await response.json();
    if (response.ok) return value;
    throw new Error(`WebKitWebDriver: ${value?.error}: ${value?.message}`);
  }

  try {
    const capabilities = await whenReady(() =>
      request('POST', '', {
        capabilities: {
          alwaysMatch: {
            timeouts: { script: 11 * minutes, pageLoad: 2 * minutes },
            'webkitgtk:browserOptions': { binary: programs.MiniBrowser, args: ['--automation'] },
          },
        },
      }),
    );
    const session = `/${capabilities.sessionId}`;
    return {
      name: `WebKitGTK ${capabilities.capabilities.browserVersion}`,
      open: (url) => request('POST', `${session}/url`, { url }),
      async call(work, ...args) {
        const { value, error } = await request('POST', `${session}/execute/async`, {
          script: `const [args, done] = arguments;
            (async () => (${work})(...args))().then(
              (value) => done({ value }),
              (error) => done({ error: String(error) + '\\n' + (error?.stack ?? '') }));`,
          args: [args],
        });
        if (error !== undefined) throw new Error(error);
        return value;
      },
      async upload(selector, paths) {
        const element = await request('POST', `${session}/element`, {
          using: 'css selector',
          value: selector,
        });
        await request('POST', `${session}/element/${element[ELEMENT]}/value`, {
          text: paths.join('\n'),
        });
      },
      async screenshot() {
        return Buffer.from(await request('GET', `${session}/screenshot`), 'base64');
      },
      async close() {
        await request('DELETE', session).catch(() => {});
        process.off('exit', stop);
        stop();
      },
    };
  } catch (error) {
    stop();
    throw failure ?? error;
  }
}

/** Tries again while nothing listens on the port. */
async function whenReady(work) {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TypeError) || attempt === 50) throw error;
      await sleep(200);
    }
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
