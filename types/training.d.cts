import { Tensor } from '@tensorflow/tfjs-core';

/** The loss: softmax cross-entropy of class scores. */

/**
 * The mean over the batch of −log(softmax(scores)[class]): `scores` `[n, classes]`, `classes` n indices. A scalar tensor,
 * differentiable by the scores. The paper maximises the same, "the average across training cases of the log-probability".
 *
 * @throws OptionsError for an index that is no class.
 */
declare function crossEntropy(scores: Tensor, classes: readonly number[]): Tensor;

/** The paper's update rule for one tensor of weights. */

interface MomentumOptions {
    /** Step along the gradient. @default 0.01 */
    learningRate?: number;
    /** Share of the last step that is taken again. @default 0.9 */
    momentum?: number;
    /** Share of the weights that is taken off, times the learning rate. @default 0.0005 */
    weightDecay?: number;
}
/**
 * `v ← momentum · v − weightDecay · learningRate · w − learningRate · gradient; w ← w + v` (paper, section 5). All tensors have
 * the same shape; new ones are returned, the old ones stay. PyTorch's SGD keeps v without the learning rate in it, which
 * differs once the rate changes; tfjs' momentum optimiser has no weight decay.
 */
declare function momentumStep(weights: Tensor, velocity: Tensor, gradient: Tensor, { learningRate, momentum, weightDecay }?: MomentumOptions): {
    weights: Tensor;
    velocity: Tensor;
};

/** momentumUpdate: the paper's update rule for one tensor of weights, without a spare copy of it where the backend allows. */

/** What the update rule is told. The paper's: 0.01, 0.9, 0.0005. */
interface UpdateOptions {
    /** Step along the gradient. */
    learningRate: number;
    /** Share of the last step that is taken again. */
    momentum: number;
    /** Share of the weights that is taken off, times the learning rate. */
    weightDecay: number;
}
/**
 * `v ← momentum · v − weightDecay · learningRate · w − learningRate · gradient; w ← w + v` (paper, section 5). All have the same
 * shape. Takes its three inputs over: none may be used afterwards; the tensors to go on with are returned, on WASM the same ones
 * with new values. Tensors that share their values with others (`clone`) leave those as they are.
 */
declare function momentumUpdate(tensors: {
    weights: Tensor;
    velocity: Tensor;
    gradient: Tensor;
}, options: UpdateOptions): {
    weights: Tensor;
    velocity: Tensor;
};

/** What was found: WASM kernels of our own with or without relaxed SIMD, or TensorFlow.js' ops. */
type Speed = 'relaxed simd' | 'simd' | 'plain';
/**
 * Sets up our WebAssembly kernels in the memory of TensorFlow.js' WASM backend (which must be open), and gives it the
 * `Conv2DBackpropFilter` that it lacks; on WebGL one program for the update. Training works without, in plain TensorFlow.js ops.
 * May be called again.
 */
declare function prepareTraining(engineName: string): Promise<Speed>;

export { crossEntropy, momentumStep, momentumUpdate, prepareTraining };
export type { MomentumOptions, Speed, UpdateOptions };
