/** The worker: writes a model in the format of another framework. */
import { exportModel } from 'alexnet-ts/convert';
import { expose } from 'comlink';
import { ZipWriter } from '../project/zipWriter';

export type ExportFormat = 'onnx' | 'tfjs' | 'safetensors';

type Options = Parameters<typeof exportModel>[2];

/** As small as the format's readers allow. */
const OPTIONS: Record<ExportFormat, Options> = {
  onnx: { format: 'onnx', quantize: 'float16' },
  tfjs: { format: 'tfjs', quantize: 'uint8' },
  safetensors: { format: 'safetensors', quantize: 'float16', layout: 'pytorch' },
};

const worker = {
  /** Returns the file; a zip if the format has several. */
  async write(
    format: ExportFormat,
    model: File[],
    base: Options['base'],
    onShare: (share: number) => void,
  ): Promise<Blob> {
    const files = new Map<string, Uint8Array<ArrayBuffer>[]>();
    const sink = (path: string, bytes: Uint8Array) => {
      const parts = files.get(path) ?? [];
      files.set(path, [...parts, bytes.slice()]);
    };
    let last = 0;
    await exportModel(model, sink, {
      ...OPTIONS[format],
      ...(base !== undefined && { base }),
      onProgress({ phase, loaded, total }) {
        const share = (phase === 'write' ? 0.5 : 0) + (0.5 * loaded) / Math.max(1, total);
        if (share - last > 0.02) onShare((last = share));
      },
    });
    if (format !== 'tfjs') return new Blob([...files.values()].flat());
    const zip = new ZipWriter();
    for (const [path, parts] of files)
      zip.add(path, new Uint8Array(await new Blob(parts).arrayBuffer()));
    return zip.end();
  },
};
export type ExportWorker = typeof worker;

expose(worker);
