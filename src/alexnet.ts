/**
 * THE NETWORK: AlexNet (Krizhevsky, Sutskever & Hinton, 2012, figure 2) and its three well-known
 * variants. Each line is a layer, followed by its output shape: height × width × channels.
 */
import { conv2d } from './layers/conv2d';
import { dense } from './layers/dense';
import { dropout } from './layers/dropout';
import { flatten } from './layers/flatten';
import { lrn, type LrnOptions } from './layers/lrn';
import { maxPool } from './layers/maxPool';
import { relu } from './layers/activation';
import { sequential } from './layers/sequential';
import { ANY, checkOptions, oneOf, type Rules } from './platform/checkOptions';

export interface AlexNetOptions {
  /**
   * Height and width of the input, in pixels: 227 as in Caffe, or 224 as in the paper, where conv1
   * pads three zeros at the right and bottom. Both result in 55 × 55 outputs. @default 227
   */
  inputSize?: 227 | 224 | undefined;
  /** Local response normalization (LRN) of the outputs of conv1 and conv2. @default the variant's */
  lrn?: LrnOptions | undefined;
}

/**
 * Creates the network of the paper: convolutions in two groups (one per GPU, section 3.2), LRN with
 * k = 2 (section 3.3) and overlapping pooling (section 3.4). 60,965,224 parameters for 1000 classes.
 */
export const paperAlexNet = (classes = 1000, options: AlexNetOptions = {}) => {
  const { inputSize = 227, lrn: norm = {} } = checked('paperAlexNet', options);
  return sequential(
    {
      conv1: conv2d({ filters: 96, size: 11, stride: 4, pad: overhang(inputSize) }), //  55 × 55 × 96
      relu1: relu(), //                                                                  55 × 55 × 96
      norm1: lrn(norm), //                                                               55 × 55 × 96
      pool1: maxPool({ size: 3, stride: 2 }), //                                         27 × 27 × 96
      conv2: conv2d({ filters: 256, size: 5, pad: 2, groups: 2, bias: 1 }), //           27 × 27 × 256
      relu2: relu(), //                                                                  27 × 27 × 256
      norm2: lrn(norm), //                                                               27 × 27 × 256
      pool2: maxPool({ size: 3, stride: 2 }), //                                         13 × 13 × 256
      conv3: conv2d({ filters: 384, size: 3, pad: 1 }), //                               13 × 13 × 384
      relu3: relu(), //                                                                  13 × 13 × 384
      conv4: conv2d({ filters: 384, size: 3, pad: 1, groups: 2, bias: 1 }), //           13 × 13 × 384
      relu4: relu(), //                                                                  13 × 13 × 384
      conv5: conv2d({ filters: 256, size: 3, pad: 1, groups: 2, bias: 1 }), //           13 × 13 × 256
      relu5: relu(), //                                                                  13 × 13 × 256
      pool5: maxPool({ size: 3, stride: 2 }), //                                         6 × 6 × 256
      flatten: flatten(), //                                                             9216
      fc6: dense({ units: 4096, bias: 1 }), //                                           4096
      relu6: relu(), //                                                                  4096
      drop6: dropout({ rate: 0.5 }), //                                                  4096
      fc7: dense({ units: 4096, bias: 1 }), //                                           4096
      relu7: relu(), //                                                                  4096
      drop7: dropout({ rate: 0.5 }), //                                                  4096
      fc8: dense({ units: classes }), //                                                 classes
    },
    { inputShape: [inputSize, inputSize, 3] },
  );
};

/**
 * Creates Caffe's `bvlc_alexnet`: the paper's layers, but LRN with k = 1 and alpha = 1e-4 / 5
 * (Caffe divides its alpha of 1e-4 by n = 5). 60,965,224 parameters for 1000 classes.
 */
export const caffeAlexNet = (classes = 1000, options: AlexNetOptions = {}) =>
  paperAlexNet(classes, { lrn: CAFFE_LRN, ...checked('caffeAlexNet', options) });

/**
 * Creates Caffe's `bvlc_reference_caffenet`: as `caffeAlexNet`, but with pooling before
 * normalization. 60,965,224 parameters for 1000 classes.
 */
export const caffeNet = (classes = 1000, options: AlexNetOptions = {}) => {
  const { inputSize = 227, lrn: norm = CAFFE_LRN } = checked('caffeNet', options);
  const { conv1, relu1, norm1: _norm1, pool1, conv2, relu2, norm2: _norm2, pool2, ...rest } = paperAlexNet(classes, { inputSize }).layers;
  return sequential(
    {
      conv1, //           55 × 55 × 96
      relu1, //           55 × 55 × 96
      pool1, //           27 × 27 × 96
      norm1: lrn(norm), // 27 × 27 × 96
      conv2, //           27 × 27 × 256
      relu2, //           27 × 27 × 256
      pool2, //           13 × 13 × 256
      norm2: lrn(norm), // 13 × 13 × 256
      ...rest, //         conv3 … fc8 as in the paper
    },
    { inputShape: [inputSize, inputSize, 3] },
  );
};

/**
 * Creates torchvision's `alexnet` ("One weird trick", Krizhevsky, 2014): no groups, fewer filters,
 * no LRN, and dropout before fc6 and fc7. 61,100,840 parameters for 1000 classes.
 */
export const torchvisionAlexNet = (classes = 1000) =>
  sequential(
    {
      conv1: conv2d({ filters: 64, size: 11, stride: 4, pad: 2 }), // 55 × 55 × 64
      relu1: relu(), //                                               55 × 55 × 64
      pool1: maxPool({ size: 3, stride: 2 }), //                      27 × 27 × 64
      conv2: conv2d({ filters: 192, size: 5, pad: 2 }), //            27 × 27 × 192
      relu2: relu(), //                                               27 × 27 × 192
      pool2: maxPool({ size: 3, stride: 2 }), //                      13 × 13 × 192
      conv3: conv2d({ filters: 384, size: 3, pad: 1 }), //            13 × 13 × 384
      relu3: relu(), //                                               13 × 13 × 384
      conv4: conv2d({ filters: 256, size: 3, pad: 1 }), //            13 × 13 × 256
      relu4: relu(), //                                               13 × 13 × 256
      conv5: conv2d({ filters: 256, size: 3, pad: 1 }), //            13 × 13 × 256
      relu5: relu(), //                                               13 × 13 × 256
      pool5: maxPool({ size: 3, stride: 2 }), //                      6 × 6 × 256
      flatten: flatten(), //                                          9216
      drop6: dropout({ rate: 0.5 }), //                               9216
      fc6: dense({ units: 4096 }), //                                 4096
      relu6: relu(), //                                               4096
      drop7: dropout({ rate: 0.5 }), //                               4096
      fc7: dense({ units: 4096 }), //                                 4096
      relu7: relu(), //                                               4096
      fc8: dense({ units: classes }), //                              classes
    },
    { inputShape: [224, 224, 3] },
  );

/** Names of the paper's layers, so that a misspelled name is a compile error. */
export type LayerName = keyof ReturnType<typeof paperAlexNet>['layers'];

const RULES: Rules<AlexNetOptions> = { inputSize: oneOf(227, 224), lrn: ANY };

function checked(where: string, options: AlexNetOptions): AlexNetOptions {
  checkOptions(where, options, RULES);
  return options;
}

const CAFFE_LRN: LrnOptions = { n: 5, k: 1, alpha: 1e-4 / 5, beta: 0.75 };

/**
 * Returns the padding of conv1. The authors' code rounds the number of windows up, so the last
 * window of a 224-pixel input extends three pixels past the edge.
 */
const overhang = (inputSize: number) => (inputSize === 224 ? { right: 3, bottom: 3 } : 0);
