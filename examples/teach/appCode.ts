/** appCode: the lines that use the downloaded model in an app of one's own. */
import { byId } from '../gallery/elements';

export function appCode(name: string, labels: readonly string[]): void {
  const folder = encodeURIComponent(name);
  byId('app-code').textContent = `import { load } from 'alexnet-ts';

const model = await load({ weights: '/${folder}/model.json' });
const [best] = await model.classify(photo); // ${labels.map((label) => JSON.stringify(label)).join(' or ')}`;
}
