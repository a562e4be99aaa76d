/** The sections of the article, in order. Each has a file of its own in sections/. */
export const SECTIONS = [
  { id: 'paper', title: '2012: ten points fewer errors', short: 'What happened in 2012' },
  { id: 'convolution', title: 'What a convolution is', short: 'What a convolution is' },
  {
    id: 'filters',
    title: 'What the first layer looks for',
    short: 'What the first layer looks for',
  },
  { id: 'relu', title: 'A simpler function learns faster', short: 'ReLU against tanh' },
  {
    id: 'normalization',
    title: 'Neighbors compete, maps shrink',
    short: 'Normalization and pooling',
  },
  { id: 'network', title: 'The whole network', short: 'The whole network' },
  { id: 'augmentation', title: 'More pictures out of one', short: 'More pictures out of one' },
  { id: 'dropout', title: 'Half of the units, at random', short: 'Dropout' },
  { id: 'results', title: 'What it predicts', short: 'What it predicts' },
  { id: 'similar', title: 'What looks alike to it', short: 'What looks alike to it' },
  { id: 'cost', title: 'What it cost then, and costs now', short: 'What it cost, and costs' },
  { id: 'tools', title: 'Do it yourself', short: 'Do it yourself' },
];
