/** takeaway: downloads of the model: a website, and files for other frameworks. */
import { proxy, wrap } from 'comlink';
import { byId } from '../../gallery/elements';
import { formatBytes } from '../../gallery/format';
import { chosenWeights } from '../../gallery/network';
import type { StatusLine } from '../../gallery/statusLine';
import { offerDownload } from '../offerDownload';
import { asFiles, modelFiles } from '../project/modelFiles';
import type { Workspace } from '../workspace';
import type { ExportFormat, ExportWorker } from './exportWorker';

const ENDINGS: Record<ExportFormat, string> = {
  onnx: '.onnx',
  tfjs: '-tfjs.zip',
  safetensors: '.safetensors',
};

/** `name` returns the name of the model that the visitor entered. */
export function takeaway(workspace: Workspace, status: StatusLine, name: () => string): void {
  const buttons = [...byId('takeaway').querySelectorAll('button')];
  let busy = false;
  const update = () => {
    for (const each of buttons) each.disabled = busy || !workspace.model;
  };
  workspace.on('model', update);
  update();

  async function download(what: string) {
    const model = workspace.model!;
    if (what === 'website') {
      status.progress('Packing the website …');
      const { websiteZip } = await import('./website');
      return { file: await websiteZip(model, name()), ending: '-website.zip' };
    }
    const format = what as ExportFormat;
    status.progress('Converting …');
    const files = asFiles(await modelFiles(model));
    const onShare = (share: number) => status.progress('Converting …', share);
    const thread = new Worker(new URL('./exportWorker.ts', import.meta.url), { type: 'module' });
    try {
      const worker = wrap<ExportWorker>(thread);
      const base = await chosenWeights();
      return {
        file: await worker.write(format, files, base, proxy(onShare)),
        ending: ENDINGS[format],
      };
    } finally {
      thread.terminate();
    }
  }

  for (const each of buttons) {
    each.addEventListener('click', async () => {
      busy = true;
      update();
      try {
        const { file, ending } = await download(each.value);
        const downloaded = offerDownload(file, name(), ending);
        status.show(`Downloaded ${downloaded}: ${formatBytes(file.size)}.`);
      } catch (error) {
        status.fail(error);
      } finally {
        busy = false;
        update();
        each.focus();
      }
    });
  }
}
