/** ReLU, where the layer before it cannot fuse it. */
import { LAYERS } from './gpu';
import { columns, layers } from './layout';
import type { WebGLOp } from './ops';

export const relu: WebGLOp<object> = {
  compile(_options, { input }, { gpu }) {
    const program = gpu.program(
      { X: 'sampler2DArray' },
      LAYERS,
      layers.map((layer) => `y${layer} = texelFetch(X, ivec3(at, ${layer}), 0);`).join('\n  '),
    );
    return {
      run: (x, y, n) =>
        gpu.draw(program, { inputs: [x], output: y, width: columns(input, n), fuseRelu: true }),
    };
  },
};
