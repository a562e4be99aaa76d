/** The program of every fixture: what a user writes first. */
import { load } from 'alexnet-ts';

async function main() {
  const model = await load();
  const [best] = await model.classify('orange.jpg');
  console.log(`top-1: ${best?.label}`);
  model.dispose();
}
main().catch((error) => console.log(`failed: ${error.stack}`));
