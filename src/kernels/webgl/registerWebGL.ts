/**
 * registerWebGLKernels: the momentum update as two passes over the weights on WebGL, where its
 * composition of TensorFlow.js ops allocates six textures of their size.
 */
import type { GPGPUProgram, MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import { add, engine, type Tensor } from '@tensorflow/tfjs-core';
import { registerOptimizedKernels, type OptimizedUpdates } from '../optimizedKernels';

/**
 * Computes the new velocity. The rates are uniforms, so a schedule does not recompile the program.
 */
const velocityProgram = (shape: number[]): GPGPUProgram => ({
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
      setOutput(momentum * getVAtOutCoords() - decay * getWAtOutCoords()
        - rate * getGAtOutCoords());
    }`,
});

const momentumUpdate: NonNullable<OptimizedUpdates['momentum']> = (
  { weights, velocity, gradient },
  { learningRate, momentum, weightDecay },
) => {
  const backend = engine().backend as unknown as MathBackendWebGL;
  const info = backend.runWebGLProgram(
    velocityProgram(weights.shape),
    [weights, velocity, gradient],
    'float32',
    [[learningRate], [momentum], [learningRate * weightDecay]],
  );
  const next = engine().makeTensorFromTensorInfo(info);
  velocity.dispose();
  gradient.dispose();
  const updated = add(weights, next) as Tensor;
  weights.dispose();
  return { weights: updated, velocity: next };
};

/** @param tfBackend the name of a WebGL backend in TensorFlow.js */
export function registerWebGLKernels(tfBackend: string): void {
  registerOptimizedKernels(tfBackend, () => ({
    kernels: {},
    updates: { momentum: momentumUpdate },
  }));
}
