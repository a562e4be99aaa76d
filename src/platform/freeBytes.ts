/**
 * discarder: memory given back at once. A browser's garbage collector lets 64 MB of buffers gather,
 * which count in what a page takes at most.
 */
import { isShared } from './typeGuards';

/**
 * Frees the memory of bytes that nobody else holds: it goes to a port with nobody at its other end.
 */
export function discarder(): (bytes: Uint8Array) => void {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  return ({ buffer, byteLength }) => {
    if (byteLength === buffer.byteLength && !isShared(buffer)) port1.postMessage(0, [buffer]); // in Node parts share one
  };
}
