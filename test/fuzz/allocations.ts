/** Counts the bytes that are asked for by number, as a reader does that believes a header. */

/** Bytes since `reset`. */
export const allocated = { bytes: 0, reset: () => void (allocated.bytes = 0) };

/** More at once is refused, so that a believed header fails the test and not the machine. */
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

/** Begins to count, in modules that are loaded from then on. */
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
