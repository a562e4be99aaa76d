/** engineName: what computes the network, in a visitor's words. */
const NAMES: Record<string, string> = {
  wasm: 'this device’s processor (WebAssembly)',
  webgl: 'this device’s graphics chip (WebGL)',
  webgpu: 'this device’s graphics chip (WebGPU)',
  cpu: 'this device’s processor (JavaScript)',
};

/** @param backend `model.backend` */
export const engineName = (backend: string): string => NAMES[backend] ?? backend;
