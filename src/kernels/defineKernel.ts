/**
 * defineKernel: declares a differentiable operation as a reference in TensorFlow.js ops and its
 * gradient.
 */
import {
  engine,
  getGradient,
  getKernel,
  registerGradient,
  registerKernel,
  tidy,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { optimizedKernel } from './optimizedKernels';

/** What a gradient can read: the inputs by name and the output of the forward pass. */
export type SavedTensors<Name extends string> = Record<Name, Tensor> & { output: Tensor };

export interface KernelDeclaration<Name extends string, Attributes extends object> {
  /**
   * Registered with TensorFlow.js as `alexnet.<name>`, which no kernel of TensorFlow.js or the app
   * uses.
   */
  name: string;
  /** The inputs, in order. */
  inputs: readonly Name[];
  /**
   * The operation in TensorFlow.js ops: runs on every backend; tests compare optimized versions
   * with it.
   */
  reference(inputs: Record<Name, Tensor>, attributes: Attributes): Tensor;
  /**
   * Returns, for each input, a function that computes its gradient. Only the wanted ones are
   * called.
   */
  gradient(
    dy: Tensor,
    saved: SavedTensors<Name>,
    attributes: Attributes,
  ): Record<Name, () => Tensor>;
}

/** A differentiable operation. Calling it runs the forward pass. */
export interface DifferentiableKernel<Name extends string, Attributes extends object> {
  (inputs: Record<Name, Tensor>, attributes: Attributes): Tensor;
  /**
   * Returns, for each input, a function that computes the gradient of the loss with respect to it,
   * without TensorFlow.js' tape. Nothing is computed until one is called; each call creates one
   * tensor, which the caller disposes.
   */
  gradient(
    dy: Tensor,
    saved: SavedTensors<Name>,
    attributes: Attributes,
  ): Record<Name, () => Tensor>;
}

/**
 * Declares a differentiable kernel. It registers itself, with its gradient, on the active backend
 * at its first call; importing registers nothing. tfjs-core registers no gradients by default, and
 * its deep imports do not work in Node.
 */
export function defineKernel<Name extends string, Attributes extends object>(
  declaration: KernelDeclaration<Name, Attributes>,
): DifferentiableKernel<Name, Attributes> {
  const kernelName = `alexnet.${declaration.name}`;
  type Kernel = DifferentiableKernel<Name, Attributes>;

  const gradient: Kernel['gradient'] = (dy, saved, attributes) => {
    const reference = declaration.gradient(dy, saved, attributes);
    const optimized = optimizedKernel<Name, Attributes>(declaration.name);
    const preferred = optimized?.gradient?.(dy, saved, attributes);
    const tidied = {} as Record<Name, () => Tensor>;
    for (const name of declaration.inputs)
      tidied[name] = () => tidy(preferred?.[name] ?? reference[name]);
    return tidied;
  };

  const run = (inputs: Record<Name, Tensor>, attributes: Attributes): Tensor => {
    const { backendName } = engine();
    if (!getKernel(kernelName, backendName)) {
      registerKernel({
        kernelName,
        backendName,
        kernelFunc(call) {
          const byName = call.inputs as Record<Name, Tensor>;
          const attrs = call.attrs as unknown as Attributes;
          const optimized = optimizedKernel<Name, Attributes>(declaration.name);
          return (
            optimized?.forward?.(byName, attrs) ?? tidy(() => declaration.reference(byName, attrs))
          );
        },
      });
    }
    if (!getGradient(kernelName)) {
      registerGradient({
        kernelName,
        inputsToSave: [...declaration.inputs],
        outputsToSave: [true],
        gradFunc: (dy, saved, attrs) => {
          const byName = { output: saved[declaration.inputs.length]! } as SavedTensors<Name>;
          declaration.inputs.forEach((name, i) => Object.assign(byName, { [name]: saved[i]! }));
          return gradient(dy as Tensor, byName, attrs as unknown as Attributes);
        },
      });
    }
    return engine().runKernel(kernelName, inputs, attributes as never) as Tensor;
  };
  return Object.assign(run, { gradient });
}
