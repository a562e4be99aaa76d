import { thumbnails } from 'virtual:sample-thumbnails';

/** The sample pictures of the project. */
const urls = {
  'school bus': new URL('../images/school-bus.jpg', import.meta.url),
  espresso: new URL('../images/espresso.jpg', import.meta.url),
  ladybug: new URL('../images/ladybug.jpg', import.meta.url),
  'bell pepper': new URL('../images/bell-pepper.jpg', import.meta.url),
  lemon: new URL('../images/lemon.jpg', import.meta.url),
  viaduct: new URL('../images/viaduct.jpg', import.meta.url),
  orange: new URL('../images/orange.jpg', import.meta.url),
  lighthouse: new URL('../images/lighthouse.jpg', import.meta.url),
  obelisk: new URL('../images/obelisk.jpg', import.meta.url),
  mushroom: new URL('../images/mushroom.jpg', import.meta.url),
  jellyfish: new URL('../images/jellyfish.jpg', import.meta.url),
};

export interface SamplePicture {
  name: string;
  url: string;
  /** A small copy. The picture itself is shown where there is none. */
  thumbnail?: string | undefined;
}

export const samples: readonly SamplePicture[] = Object.entries(urls).map(([name, { href }]) => ({
  name,
  url: href,
  thumbnail: thumbnails[`${name.replace(' ', '-')}.jpg`],
}));
