/** Classify a picture: dropped, pasted, chosen, or one of the samples. Uses the script-tag build: `alexnet` is a global. */
const $ = (id) => document.getElementById(id);
const samples = [
  'school-bus',
  'espresso',
  'ladybug',
  'bell-pepper',
  'lemon',
  'viaduct',
  'orange',
  'lighthouse',
  'obelisk',
  'mushroom',
  'jellyfish',
];
const say = (text, isError = false) => {
  $('status').textContent = text;
  $('status').classList.toggle('error', isError);
};

let latest; // what is shown now, a Blob or an address
let calls = 0;

const loading = globalThis.alexnet.load({
  onProgress({ phase, loaded, total }) {
    const amount = phase === 'warm-up' ? `${loaded} of ${total} layers` : `${(loaded / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB`;
    say(`Loading: ${phase}, ${amount}`);
    $('progress').value = loaded / total;
  },
});

async function show(image) {
  latest = image;
  const call = ++calls;
  const picture = $('picture');
  if (picture.src.startsWith('blob:')) URL.revokeObjectURL(picture.src);
  picture.src = image instanceof Blob ? URL.createObjectURL(image) : image;
  picture.hidden = false;
  $('hint').hidden = true;
  try {
    const model = await loading;
    say('Looking …');
    await new Promise(requestAnimationFrame);
    const start = performance.now();
    const predictions = await model.classify(image, { crops: $('ten').checked ? 'ten' : 'centre' });
    if (call !== calls) return; // another picture came meanwhile
    say(`${Math.round(performance.now() - start)} ms on ${model.backend}`);
    $('predictions').replaceChildren(...predictions.map(row));
  } catch (error) {
    $('predictions').replaceChildren();
    say(error.message, true);
  }
}

function row({ label, probability }) {
  const item = document.createElement('li');
  const percent = `${(100 * probability).toFixed(1)} %`;
  const bar = Object.assign(document.createElement('span'), { className: 'bar' });
  bar.style.width = percent.replace(' ', '');
  item.append(
    bar,
    Object.assign(document.createElement('span'), { textContent: label }),
    Object.assign(document.createElement('span'), { textContent: percent }),
  );
  return item;
}

for (const name of samples) {
  const src = `../images/${name}.jpg`;
  const button = Object.assign(document.createElement('button'), { type: 'button' });
  button.append(Object.assign(new Image(), { src, alt: name.replace('-', ' ') }));
  button.addEventListener('click', () => show(src));
  $('samples').append(button);
}

const drop = document.querySelector('.drop');
const firstPicture = (items) => [...(items ?? [])].find((file) => file.type.startsWith('image/'));
const take = (files) => (firstPicture(files) ? show(firstPicture(files)) : say('That is no picture.', true));
$('file').addEventListener('change', ({ target }) => take(target.files));
$('ten').addEventListener('change', () => latest && show(latest));
document.addEventListener('paste', ({ clipboardData }) => clipboardData.files.length > 0 && take(clipboardData.files));
for (const type of ['dragover', 'dragleave', 'drop']) {
  document.addEventListener(type, (event) => {
    event.preventDefault();
    drop.classList.toggle('over', type === 'dragover');
    if (type === 'drop') take(event.dataTransfer.files);
  });
}

loading.then(
  () => {
    $('progress').hidden = true;
    if (!latest) show('../images/school-bus.jpg');
  },
  (error) => {
    $('progress').hidden = true;
    say(error.message, true);
  },
);
