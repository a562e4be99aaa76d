/** An image with a color in each quadrant, in every form of image that browsers support. */
import type { Pixels } from '../../src/preprocessing/pixels';

export const [WIDTH, HEIGHT] = [48, 32];

const COLORS = {
  red: [255, 0, 0],
  green: [0, 255, 0],
  blue: [0, 0, 255],
  yellow: [255, 255, 0],
  white: [255, 255, 255],
  grey: [128, 128, 128],
} as const;
export type Color = keyof typeof COLORS;

/** Top left, top right, bottom left, bottom right. */
export const UPRIGHT: readonly Color[] = ['red', 'green', 'blue', 'yellow'];

const css = (color: Color) => `rgb(${COLORS[color].join(',')})`;

/** Returns a canvas with a color in each quadrant; undefined is transparent. */
export function quadrants(
  colors: readonly (Color | undefined)[] = UPRIGHT,
  [width, height] = [WIDTH, HEIGHT],
): HTMLCanvasElement {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d')!;
  colors.forEach((color, i) => {
    if (!color) return;
    context.fillStyle = css(color);
    context.fillRect(
      ((i % 2) * width) / 2,
      (Math.floor(i / 2) * height) / 2,
      width / 2,
      height / 2,
    );
  });
  return canvas;
}

/** Returns the image as a file. */
export const encoded = (type: string, canvas = quadrants()): Promise<Blob> =>
  new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob?.type === type ? resolve(blob) : reject(new Error(`no encoder for ${type}`))),
      type,
      0.95,
    ),
  );

/** Whether the canvas can encode this type. */
export const canEncode = (type: string): boolean =>
  quadrants().toDataURL(type).startsWith(`data:${type}`);

export const bytesOf = async (blob: Blob): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await blob.arrayBuffer());

/** Returns the image as an SVG with a size. */
export const vector = (): Blob => {
  const rects = UPRIGHT.map(
    (color, i) =>
      `<rect x="${(i % 2) * 24}" y="${Math.floor(i / 2) * 16}" width="24" height="16" fill="${css(color)}"/>`,
  );
  return new Blob(
    [`<svg xmlns="http://www.w3.org/2000/svg" width="48" height="32">${rects.join('')}</svg>`],
    { type: 'image/svg+xml' },
  );
};

/** Adds an EXIF orientation (1 to 8) to a JPEG. */
export function withOrientation(jpeg: Uint8Array, orientation: number): Blob {
  const tiff = [
    0x4d,
    0x4d,
    0,
    42,
    0,
    0,
    0,
    8,
    0,
    1,
    0x01,
    0x12,
    0,
    3,
    0,
    0,
    0,
    1,
    0,
    orientation,
    0,
    0,
    0,
    0,
    0,
    0,
  ]; // "MM", one entry: 0x0112
  const exif = [...new TextEncoder().encode('Exif\0\0'), ...tiff];
  return new Blob(
    [jpeg.slice(0, 2), Uint8Array.of(0xff, 0xe1, 0, exif.length + 2, ...exif), jpeg.slice(2)],
    { type: 'image/jpeg' },
  );
}

/** Returns a loaded `<img>`. */
export async function loadedImage(src: string): Promise<HTMLImageElement> {
  const image = Object.assign(new Image(), { src });
  await image.decode();
  return image;
}

/** Returns the color at the center of each quadrant, within `tolerance` for lossy formats. */
export function colorsOf({ width, height, channels, data }: Pixels, tolerance = 0): string[] {
  return [0, 1, 2, 3].map((i) => {
    const [x, y] = [
      Math.floor(width * (0.25 + 0.5 * (i % 2))),
      Math.floor(height * (0.25 + 0.5 * Math.floor(i / 2))),
    ];
    const pixel = Array.from(
      data.slice((y * width + x) * channels, (y * width + x) * channels + channels),
    );
    const rgb = channels === 1 ? [pixel[0]!, pixel[0]!, pixel[0]!] : pixel;
    const found = Object.entries(COLORS).find(([, color]) =>
      color.every((value, c) => Math.abs(value - rgb[c]!) <= tolerance),
    );
    return channels === 4 && pixel[3] !== 255 ? `alpha ${pixel[3]}` : (found?.[0] ?? rgb.join(' '));
  });
}
