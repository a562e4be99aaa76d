/** Max pooling. */
import type { LayerOptions } from '../opTable';
import { LAYERS } from './gpu';
import { clearEdge, columns, layers, locate, windowPixels } from './layout';
import type { WebGLOp } from './ops';

const LOWEST = 'vec4(-3.402823e38)';

export const maxPool: WebGLOp<LayerOptions['maxPool']> = {
  compile({ size, stride, pad }, shapes, { gpu }) {
    const { input, output } = shapes;
    const [h, w] = input as [number, number, number];
    const inside = pad === 0 && stride * (output[1]! - 1) + size <= w;
    const offsets = Array.from({ length: size }, (_, offset) => offset);
    const maxima = layers.flatMap((layer) =>
      offsets.map((offset) => `y${layer} = max(y${layer}, x${stride * layer + offset});`),
    );
    const program = gpu.program(
      { X: 'sampler2DArray' },
      LAYERS,
      `${locate(output)}
  y0 = y1 = y2 = y3 = ${LOWEST};
  for (int u = 0; u < ${size}; u++) {
      int inputRow = ${stride} * row + u - ${pad};
      if (inputRow < 0 || inputRow >= ${h}) continue;
      int textureRow = block * ${h} + inputRow;
      ${windowPixels({ size, stride, pad }, shapes, inside ? undefined : LOWEST)}
      ${maxima.join('\n      ')}
  }
  ${clearEdge(output)}`,
    );
    return {
      run: (x, y, n, fuseRelu) =>
        gpu.draw(program, { inputs: [x], output: y, width: columns(output, n), fuseRelu }),
      canFuseRelu: true,
    };
  },
};
