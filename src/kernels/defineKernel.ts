/** defineKernel: an operation of ours as one declaration: a reference in plain tfjs ops, and its gradient. */
import {
  engine,
  getGradient,
  getKernel,
  registerGradient,
  registerKernel,
  tidy,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { fasterVersion } from './overrides';

/** What a gradient may look at: the inputs by name and the output, as they were in the forward pass. */
export type Saved<Name extends string> = Record<Name, Tensor> & { output: Tensor };

export interface KernelDeclaration<Name extends string, Attributes extends object> {
  /** Registered with TensorFlow.js as `alexnet.<name>`, so that it never meets a kernel of the app or of tfjs. */
  name: string;
  /** The inputs, in order. */
  inputs: readonly Name[];
  /** The operation in plain tfjs ops: runs on every backend, and judges every faster version. */
  reference(inputs: Record<Name, Tensor>, attributes: Attributes): Tensor;
  /** For each input, how to compute the gradient of the loss by it. Called only for the inputs that are asked for. */
  gradient(dy: Tensor, saved: Saved<Name>, attributes: Attributes): Record<Name, () => Tensor>;
}

/** An operation: call it for the forward pass. */
export interface Kernel<Name extends string, Attributes extends object> {
  (inputs: Record<Name, Tensor>, attributes: Attributes): Tensor;
  /**
   * The backward pass without TensorFlow.js' tape: for each input, how to compute the gradient of the loss by it. Nothing is
   * computed until one is called; each call makes one new tensor, which the caller disposes.
   */
  gradient(dy: Tensor, saved: Saved<Name>, attributes: Attributes): Record<Name, () => Tensor>;
}

/**
 * Makes a differentiable operation. It registers itself on the active backend at its first use (importing registers
 * nothing) under a name of our own, with a gradient of our own: tfjs-core alone registers no gradients at all, and its
 * deep imports do not work in Node.
 */
export function defineKernel<Name extends string, Attributes extends object>(
  declaration: KernelDeclaration<Name, Attributes>,
): Kernel<Name, Attributes> {
  const kernelName = `alexnet.${declaration.name}`;

  const gradient: Kernel<Name, Attributes>['gradient'] = (dy, saved, attributes) => {
    const gradients = declaration.gradient(dy, saved, attributes);
    const faster = fasterVersion<Name, Attributes>(declaration.name)?.gradient?.(
      dy,
      saved,
      attributes,
    );
    const tidied = {} as Record<Name, () => Tensor>;
    for (const name of declaration.inputs)
      tidied[name] = () => tidy(faster?.[name] ?? gradients[name]);
    return tidied;
  };

  const run = (inputs: Record<Name, Tensor>, attributes: Attributes): Tensor => {
    const { backendName } = engine();
    if (!getKernel(kernelName, backendName)) {
      registerKernel({
        kernelName,
        backendName,
        kernelFunc(call) {
          const [given, attrs] = [
            call.inputs as Record<Name, Tensor>,
            call.attrs as unknown as Attributes,
          ];
          const faster = fasterVersion<Name, Attributes>(declaration.name);
          return faster?.forward?.(given, attrs) ?? tidy(() => declaration.reference(given, attrs));
        },
      });
    }
    if (!getGradient(kernelName)) {
      registerGradient({
        kernelName,
        inputsToSave: [...declaration.inputs],
        outputsToSave: [true],
        gradFunc: (dy, saved, attrs) => {
          const byName = { output: saved[declaration.inputs.length]! } as Saved<Name>;
          declaration.inputs.forEach((name, i) => Object.assign(byName, { [name]: saved[i]! }));
          return gradient(dy as Tensor, byName, attrs as unknown as Attributes);
        },
      });
    }
    return engine().runKernel(kernelName, inputs, attributes as never) as Tensor;
  };
  return Object.assign(run, { gradient });
}
