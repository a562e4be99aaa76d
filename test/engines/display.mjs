/** A virtual screen for browsers that need one: Xvfb, on a free display number. */
import { spawn } from 'node:child_process';

/**
 * Starts Xvfb.
 *
 * @returns {Promise<{ display: string, close(): void }>}
 */
export async function openDisplay() {
  const screen = ['-screen', '0', '1400x1000x24', '-nolisten', 'tcp', '-displayfd', '3'];
  const xvfb = spawn('Xvfb', screen, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const number = await new Promise((resolve, reject) => {
    xvfb.once('error', reject);
    xvfb.once('exit', (code) => reject(new Error(`Xvfb: ended with ${code} before it was ready.`)));
    xvfb.stdio[3].once('data', (text) => resolve(String(text).trim()));
  });
  return { display: `:${number}`, close: () => void xvfb.kill() };
}
