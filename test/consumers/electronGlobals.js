/**
 * What a page of Electron with `nodeIntegration: true` has besides a browser's globals, as far as
 * libraries look for it. Electron itself is not run.
 */
{
  const modules = {
    fs: { readFileSync: () => {}, readFile: () => {}, existsSync: () => false, promises: {} },
    os: { cpus: () => [], platform: () => 'linux' },
    path: {
      join: (...parts) => parts.join('/'),
      dirname: (path) => path,
      normalize: (path) => path,
    },
    perf_hooks: { performance },
    util: { TextDecoder, TextEncoder, types: {}, promisify: (call) => call },
    worker_threads: { isMainThread: true, parentPort: null },
  };
  const module = { exports: {} };
  Object.assign(globalThis, {
    global: globalThis,
    module,
    exports: module.exports,
    Buffer: class Buffer extends Uint8Array {},
    __dirname: '/app',
    __filename: '/app/index.html',
    setImmediate: (call, ...args) => setTimeout(call, 0, ...args),
    require(name) {
      const found = modules[name.replace('node:', '')];
      if (!found) throw new Error(`Cannot find module '${name}'`);
      return found;
    },
    process: {
      type: 'renderer',
      platform: 'linux',
      version: 'v24.11.0',
      versions: { node: '24.11.0', electron: '40.0.0', chrome: '144.0.0.0' },
      env: {},
      argv: [],
      cwd: () => '/',
      hrtime: () => [0, 0],
      nextTick: (call, ...args) => queueMicrotask(() => call(...args)),
      on() {},
      emitWarning() {},
    },
  });
}
