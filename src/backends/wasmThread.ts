/**
 * A worker that runs one thread of the WASM module of TensorFlow.js. It does the same as
 * Emscripten's worker, but is a file, which a strict Content Security Policy allows.
 */
import factory from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js';

/** The parts of the Emscripten module that a thread uses. */
interface EmscriptenThread {
  __emscripten_thread_init(
    thread: number,
    isMain: number,
    isRuntime: number,
    canBlock: number,
  ): void;
  __emscripten_thread_exit(status: number): void;
  __emscripten_thread_crashed?(): void;
  _pthread_self(): number;
  establishStackSpace(): void;
  PThread: { receiveObjectTransfer(message: object): void; threadInitTLS(): void };
  invokeEntryPoint(routine: number, argument: number): void;
  executeNotifiedProxyingQueue(queue: number): void;
  keepRuntimeAlive(): boolean;
  ExitStatus: new () => { status: number };
}

type ThreadMessage =
  | { cmd: 'load'; wasmModule: WebAssembly.Module; wasmMemory: WebAssembly.Memory }
  | { cmd: 'run'; pthread_ptr: number; start_routine: number; arg: number }
  | { cmd: 'cancel' }
  | { cmd: 'processProxyingQueue'; queue: number };

let thread: EmscriptenThread;
let initialized = false;
/** Queues that other threads announced before this one was initialized. */
let pendingQueues: number[] = [];

function load({ wasmModule, wasmMemory }: ThreadMessage & { cmd: 'load' }): void {
  void (factory as (config: object) => Promise<unknown>)({
    wasmMemory,
    buffer: wasmMemory.buffer,
    ENVIRONMENT_IS_PTHREAD: true,
    instantiateWasm(
      imports: WebAssembly.Imports,
      receive: (instance: WebAssembly.Instance) => void,
    ) {
      const instance = new WebAssembly.Instance(wasmModule, imports);
      receive(instance);
      return instance.exports;
    },
  });
}

function run(message: ThreadMessage & { cmd: 'run' }): void {
  thread.__emscripten_thread_init(message.pthread_ptr, 0, 0, 1);
  thread.establishStackSpace();
  thread.PThread.receiveObjectTransfer(message);
  thread.PThread.threadInitTLS();
  if (!initialized) {
    pendingQueues.forEach((queue) => thread.executeNotifiedProxyingQueue(queue));
    pendingQueues = [];
    initialized = true;
  }
  try {
    thread.invokeEntryPoint(message.start_routine, message.arg);
  } catch (thrown) {
    if (thrown === 'unwind') return;
    if (!(thrown instanceof thread.ExitStatus)) throw thrown;
    if (!thread.keepRuntimeAlive()) thread.__emscripten_thread_exit(thrown.status);
  }
}

function handleMessage(message: ThreadMessage): void {
  if (message.cmd === 'load') load(message);
  else if (message.cmd === 'run') run(message);
  else if (message.cmd === 'cancel') {
    if (thread._pthread_self()) thread.__emscripten_thread_exit(-1);
  } else if (message.cmd === 'processProxyingQueue') {
    if (initialized) thread.executeNotifiedProxyingQueue(message.queue);
    else pendingQueues.push(message.queue);
  }
}

Object.assign(self, {
  /** Called by the factory when the module is ready. */
  startWorker(instance: EmscriptenThread) {
    thread = instance;
    postMessage({ cmd: 'loaded' });
  },
  onmessage({ data }: MessageEvent<ThreadMessage>) {
    try {
      handleMessage(data);
    } catch (thrown) {
      thread?.__emscripten_thread_crashed?.();
      throw thrown;
    }
  },
  onunhandledrejection({ reason }: PromiseRejectionEvent) {
    throw reason; // otherwise the page gets no error event
  },
});
