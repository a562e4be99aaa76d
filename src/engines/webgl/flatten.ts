/** From feature maps to vectors in the order of `[h, w, c]`. */
import { sizeOf } from '../../layers/layer';
import { identity } from '../opTable';
import { LAYERS } from './gpu';
import { ceil4, images } from './layout';
import type { WebGLOp } from './ops';
import { programsByBatch } from './program';

export const flatten: WebGLOp<object> = {
  supports: (_options, { output }, { gpu }) => ceil4(output[0]!) <= gpu.maxTextureSize,
  compile(_options, { input, output }, { gpu }) {
    if (input.length === 1) return identity();
    const [h, w, channels] = input as [number, number, number];
    const [count, width] = [sizeOf(input), ceil4(output[0]!)];
    /** GLSL that reads the texel of `pixel` and `channel` of an image. */
    const readTexel = (image: number) =>
      `texel = texelFetch(X, ivec3(${image * ceil4(w)} + pixel % ${w} / ${LAYERS}, ` +
      `channel / 4 * ${h} + pixel / ${w}, pixel % ${w} % ${LAYERS}), 0);`;
    /** With whole blocks of channels, four values of the vector are one texel of the maps. */
    const wholeBlocks = channels % 4 === 0;
    const copy = (image: number, component: number) =>
      wholeBlocks ? `y${image} = texel;` : `y${image}[${component}] = texel[channel % 4];`;
    const programs = programsByBatch((n) =>
      gpu.program(
        { X: 'sampler2DArray' },
        n,
        `vec4 texel;
  ${(wholeBlocks ? [0] : [0, 1, 2, 3])
    .map(
      (component) => `{
    int index = 4 * at.x + ${component}, pixel = index / ${channels}, channel = index % ${channels};
    ${wholeBlocks ? '' : `if (index < ${count}) {`}
    ${images(n)
      .map((image) => `${readTexel(image)} ${copy(image, component)}`)
      .join('\n    ')}
    ${wholeBlocks ? '' : '}'}
  }`,
    )
    .join('\n  ')}`,
      ),
    );
    programs(1);
    return {
      run: (x, y, n, fuseRelu) =>
        gpu.draw(programs(n), { inputs: [x], output: y, width, fuseRelu }),
      canFuseRelu: true,
    };
  },
};
