/** A .safetensors file of torchvision's AlexNet with fewer filters and units, and 1000 classes. */

const SHAPES = {
  'features.0': [16, 3, 11, 11],
  'features.3': [8, 16, 5, 5],
  'features.6': [8, 8, 3, 3],
  'features.8': [8, 8, 3, 3],
  'features.10': [8, 8, 3, 3],
  'classifier.1': [24, 8 * 36],
  'classifier.4': [24, 24],
  'classifier.6': [1000, 24],
};

/** @returns {Uint8Array} 175 kB, always the same */
export function torchvisionFile() {
  const header = {};
  const values = [];
  const add = (name, shape, scale) => {
    const start = 4 * values.length;
    const size = shape.reduce((product, side) => product * side, 1);
    for (let i = 0; i < size; i++) values.push(scale * Math.sin(1e4 * Math.sin(values.length)));
    header[name] = { dtype: 'F32', shape, data_offsets: [start, 4 * values.length] };
  };
  for (const [layer, [outputs, ...inputs]] of Object.entries(SHAPES)) {
    const fanIn = inputs.reduce((product, side) => product * side, 1);
    add(`${layer}.weight`, [outputs, ...inputs], 2 / Math.sqrt(fanIn));
    add(`${layer}.bias`, [outputs], 0.1);
  }
  const json = new TextEncoder().encode(JSON.stringify(header).padEnd(2048)); // whole words
  const file = new Uint8Array(8 + json.length + 4 * values.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  file.set(new Uint8Array(Float32Array.from(values).buffer), 8 + json.length);
  return file;
}
