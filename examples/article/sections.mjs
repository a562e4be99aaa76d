/** The sections of the article, in order. Each has a file of its own in sections/. */
export const SECTIONS = [
  { id: 'paper', title: '2012: ahead by ten points', short: 'What happened in 2012' },
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
  { id: 'augmentation', title: 'Many pictures from one', short: 'Many pictures from one' },
  { id: 'dropout', title: 'Half of the units, at random', short: 'Dropout' },
  { id: 'results', title: 'What the network predicts', short: 'Predictions' },
  { id: 'similar', title: 'What looks alike to the network', short: 'Similar pictures' },
  { id: 'cost', title: 'What it cost then and costs now', short: 'Cost, then and now' },
  { id: 'tools', title: 'Do it yourself', short: 'Do it yourself' },
];
