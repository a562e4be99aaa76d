/** The program with the global that the script tag leaves. */
const { load } = alexnet;

async function main() {
  const model = await load();
  const [best] = await model.classify('orange.jpg');
  console.log(`top-1: ${best?.label}`);
  model.dispose();
}
main().catch((error) => console.log(`failed: ${error.stack}`));
