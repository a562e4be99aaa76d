/** Counts bytes allocated by size, as by a reader that trusts a header. */

/** Bytes allocated since `reset()`. */
export const allocated = { bytes: 0, reset: () => void (allocated.bytes = 0) };

/** Larger allocations fail, so that a trusted header fails the test, not the machine. */
const MOST = 2 ** 31;

function counted<Constructor extends new (...args: never[]) => ArrayBuffer | ArrayBufferView>(
  original: Constructor,
): Constructor {
  const width = 'BYTES_PER_ELEMENT' in original ? (original.BYTES_PER_ELEMENT as number) : 1;
  const proxy: Constructor = new Proxy(original, {
    construct(target, args: unknown[], newTarget) {
      const [length] = args;
      if (typeof length === 'number') allocated.bytes += length * width;
      if (allocated.bytes > MOST) throw new Error(`more than ${MOST} bytes were asked for`);
      return Reflect.construct(target, args, newTarget === proxy ? target : newTarget) as object;
    },
  });
  return proxy;
}

/** Starts counting in modules that are loaded afterwards. */
export function watch(): void {
  for (const name of [
    'ArrayBuffer',
    'Uint8Array',
    'Int8Array',
    'Uint16Array',
    'Uint32Array',
    'Float32Array',
    'Float64Array',
  ] as const) {
    Object.assign(globalThis, { [name]: counted(globalThis[name] as never) });
  }
}
