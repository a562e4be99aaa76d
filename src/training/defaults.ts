/**
 * Every default of training, stated once. Docstrings repeat them as `@default`, which
 * defaults.node.test.ts compares.
 */

/**
 * The update rule: stochastic gradient descent with momentum and weight decay (paper, section 5).
 */
export const SGD = {
  /** Fraction of the previous step that is added to the next one: the paper's. */
  momentum: 0.9,
  /** Fraction of the weights that a step subtracts, times the learning rate: the paper's. */
  weightDecay: 0.0005,
  /** Seed of the order of examples, random views and dropout. */
  seed: 0,
} as const;

/** `train()`: a network from scratch. */
export const TRAIN = {
  /** The paper's "roughly 90 cycles through the training set". */
  epochs: 90,
  /** The paper's. */
  batchSize: 128,
  /** The paper's, "initialized at 0.01". */
  learningRate: 0.01,
} as const;

/** `plateau()`: divides the learning rate when the error stops falling (paper, section 5). */
export const PLATEAU = {
  /** Epochs. The paper adjusted the rate by hand. */
  patience: 5,
  /** The paper's. */
  divisor: 10,
  /** The paper's: "reduced three times prior to termination". */
  times: 3,
  /** Any fall of the error counts. */
  threshold: 0,
} as const;

/** `fineTune()`: all its modes. */
export const FINE_TUNE = {
  train: 'head',
  batchSize: 16,
  validationSplit: 0,
  classWeights: 'auto',
  keepFeatures: true,
} as const;

/** `fineTune({ train: 'head' })`, and the head that is trained before other layers are. */
export const HEAD = {
  epochs: 20,
  /**
   * The minimum number of steps: with few images, epochs are short, and a head needs more of them.
   */
  steps: 200,
  /** For standardized features: see `trainHead`. */
  learningRate: 0.01,
  /** Random views do not improve a head, so none are made by default. */
  augment: false,
  /** Random views of each image, if requested. */
  views: 1,
} as const;

/** `fineTune()` of more layers than the head. */
export const LAYERS = {
  epochs: 10,
  /** Smaller than for training from scratch, because the weights are already good. */
  learningRate: 0.001,
  augment: true,
  /** Random views of each image, where the layers before the trained ones are frozen. */
  views: 4,
} as const;

/** Random views of an image (paper, section 4.1). */
export const AUGMENT = {
  /** The paper's random crops. */
  crop: true,
  /** The paper's horizontal reflections. */
  mirror: true,
  /** Standard deviation of the color shifts along the principal components: the paper's. */
  color: 0.1,
} as const;
