/** accelerateWebGL: the update rule in two passes over the weights, where its composition makes six textures as large as they are. */
import type { GPGPUProgram, MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import { add, engine, type Tensor } from '@tensorflow/tfjs-core';
import { accelerate, type FasterUpdates } from '../overrides';

/** The new velocity. The rates are uniforms, so that a schedule compiles nothing anew. */
const program = (shape: number[]): GPGPUProgram => ({
  variableNames: ['W', 'V', 'G'],
  outputShape: shape,
  packedInputs: true,
  packedOutput: true,
  customUniforms: [
    { name: 'rate', type: 'float' },
    { name: 'momentum', type: 'float' },
    { name: 'decay', type: 'float' },
  ],
  userCode: `
    void main() {
      setOutput(momentum * getVAtOutCoords() - decay * getWAtOutCoords() - rate * getGAtOutCoords());
    }`,
});

const momentum: NonNullable<FasterUpdates['momentum']> = (
  { weights, velocity, gradient },
  { learningRate, momentum: kept, weightDecay },
) => {
  const backend = engine().backend as unknown as MathBackendWebGL;
  const rates = [[learningRate], [kept], [learningRate * weightDecay]];
  const info = backend.runWebGLProgram(
    program(weights.shape),
    [weights, velocity, gradient],
    'float32',
    rates,
  );
  const next = engine().makeTensorFromTensorInfo(info);
  velocity.dispose();
  gradient.dispose();
  const moved = add(weights, next) as Tensor;
  weights.dispose();
  return { weights: moved, velocity: next };
};

/** @param tfBackend the name under which TensorFlow.js knows a WebGL backend */
export function accelerateWebGL(tfBackend: string): void {
  accelerate(tfBackend, () => ({ operations: {}, updates: { momentum } }));
}
