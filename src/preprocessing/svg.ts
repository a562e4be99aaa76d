/** Gives an SVG a size in pixels, so that browsers and Node draw the same image. */

/** The minimum of the shorter side in pixels: an icon has more detail than its size suggests. */
const MIN_SIDE = 256;
const MAX_SIDE = 4096;

/** The size that CSS gives an image without one, in pixels. */
const DEFAULT_SIZE = [300, 150] as const;

/** Pixels per CSS unit. */
const UNITS: Readonly<Record<string, number>> = {
  ...{ px: 1, pt: 96 / 72, pc: 16, in: 96, cm: 96 / 2.54, mm: 96 / 25.4, q: 96 / 101.6 },
  ...{ em: 16, rem: 16, ex: 8 },
};

/**
 * Returns the SVG with `width`, `height` and a `viewBox` on its root element. The proportions are
 * those of `width` and `height` if they are lengths, else of the `viewBox`, else 2 : 1 as in CSS.
 *
 * @throws Error if the text has no `<svg>` element.
 */
export function withSize(bytes: Uint8Array): string {
  const text = decodeText(bytes);
  const root = /<(?:\w+:)?svg\b(?:[^>"']|"[^"]*"|'[^']*')*>/i.exec(text);
  if (!root) throw new Error('it has no <svg> element');
  const [tag] = root;
  const attribute = (name: string) => {
    const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(tag);
    return found?.[1] ?? found?.[2];
  };
  const box = attribute('viewBox')
    ?.trim()
    .split(/[\s,]+/)
    .map(Number);
  const boxSize = box && box[2]! > 0 && box[3]! > 0 ? [box[2]!, box[3]!] : undefined;
  const [width, height] = proportions(
    pixels(attribute('width')),
    pixels(attribute('height')),
    boxSize,
  );
  const enlarged = Math.max(1, MIN_SIDE / Math.min(width, height));
  const scale = Math.min(enlarged, MAX_SIDE / Math.max(width, height));
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  const sized = tag
    .replace(/\s(?:width|height)\s*=\s*(?:"[^"]*"|'[^']*')/g, '')
    .replace(
      /svg\b/i,
      `$& width="${side(width)}" height="${side(height)}"${boxSize ? '' : ` viewBox="0 0 ${width} ${height}"`}`,
    );
  return text.slice(0, root.index) + sized + text.slice(root.index + tag.length);
}

function proportions(
  width: number | undefined,
  height: number | undefined,
  box: readonly number[] | undefined,
): [number, number] {
  if (width && height) return [width, height];
  const [boxWidth, boxHeight] = (box ?? DEFAULT_SIZE) as [number, number];
  if (width) return [width, (width * boxHeight) / boxWidth];
  if (height) return [(height * boxWidth) / boxHeight, height];
  return [boxWidth, boxHeight];
}

/** Returns a length in pixels; undefined for a percentage, `auto` or none. */
function pixels(length: string | undefined): number | undefined {
  const found = /^\s*\+?([\d.]+(?:e[+-]?\d+)?)\s*([a-z]*)\s*$/i.exec(length ?? '');
  return found ? Number(found[1]) * (UNITS[found[2]!.toLowerCase() || 'px'] ?? NaN) : undefined;
}

function decodeText(bytes: Uint8Array): string {
  const [a, b] = bytes;
  const encoding =
    a === 0xff && b === 0xfe ? 'utf-16le' : a === 0xfe && b === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding)
    .decode(bytes)
    .replace(/^(\s*<\?xml[^>]*?)\s+encoding\s*=\s*["'][^"']*["']/, '$1');
}
