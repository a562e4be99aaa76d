/** Untrusted images in Node: what a small file may cost, and calls that are aborted. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { withSize } from './svg';

const path = fileURLToPath(new URL('decode.node.ts', import.meta.url));
const { decodeBytes, decodeSvg } = (await import(path)) as {
  decodeBytes: (bytes: Uint8Array, signal?: AbortSignal) => Promise<{ width: number }>;
  decodeSvg: (text: string, signal?: AbortSignal) => Promise<{ width: number }>;
};

/** The result of decoding: the width, or the message of the error. */
const outcome = (work: Promise<{ width: number }>) =>
  work.then(
    ({ width }) => width,
    (error: Error) => error.message,
  );
const svg = (content: string, attributes = '') =>
  withSize(
    new TextEncoder().encode(
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="300" height="300" ${attributes}>${content}</svg>`,
    ),
  );

describe('an SVG in Node', () => {
  it('is refused if a kilobyte of it can take minutes, however it is written', async () => {
    const blur = '<feTurbulence baseFrequency="0.9" numOctaves="9"/>';
    const filters = [
      `<filter id="f">${blur}</filter><rect filter="url(#f)" width="9" height="9"/>`,
      `<x:filter xmlns:x="http://www.w3.org/2000/svg" id="f">${blur}</x:filter>`,
      '<rect style="filter: blur(500px)" width="9" height="9"/>',
      '<rect style="&#102;ilter: blur(500px)" width="9" height="9"/>',
      '<rect style="&#x66;ilter:blur(500px)" width="9" height="9"/>',
    ];
    for (const content of filters)
      assert.match(
        String(await outcome(decodeSvg(svg(content)))),
        /SVG with filters is not/,
        content,
      );
    assert.match(
      String(await outcome(decodeSvg(svg('<style>rect { \\66 ilter: blur(9px) }</style>')))),
      /escapes in its styles/,
    );
    for (const href of ['data:image/svg+xml;base64,PHN2Zy8+', 'file:///etc/passwd', 'other.svg#a'])
      for (const name of ['href', 'xlink:href'])
        assert.match(
          String(await outcome(decodeSvg(svg(`<image ${name}="${href}" width="9" height="9"/>`)))),
          /references to other files/,
        );
    assert.match(
      String(
        await outcome(decodeSvg(`<!DOCTYPE svg [<!ENTITY a "x">]>${svg('<text>&a;</text>')}`)),
      ),
      /entities/,
    );
    assert.match(
      String(await outcome(decodeSvg(svg('<use href="#a"/>'.repeat(1001))))),
      /1000 <use> elements/,
    );
  });

  it('is decoded in all other cases', async () => {
    const pixel = (
      await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
        .png()
        .toBuffer()
    ).toString('base64');
    const drawn = svg(
      `<defs><g id="a"><path d="M0 0h9v9z"/></g><linearGradient id="g"><stop offset="1"/></linearGradient></defs>
       <use xlink:href="#a"/><use href="#a" x="9"/><rect fill="url(#g)" width="9" height="9"/>
       <text>caf&#233;, it&#8217;s &lt; C:\\data</text><image href="data:image/png;base64,${pixel}" width="9" height="9"/>`,
    );
    assert.equal(await outcome(decodeSvg(drawn)), 300);
  });
});

/** A PNG of one color and the given size, with a few bytes per megapixel. */
const large = (width: number, height: number) =>
  sharp({
    create: { width, height, channels: 3, background: 'gray' },
    limitInputPixels: false,
  })
    .png({ palette: true, colors: 2, compressionLevel: 9 })
    .toBuffer();

describe('a large image in Node', () => {
  it('is refused for its pixels or its longest side before it is decoded', async () => {
    const line = await large(100_000, 1);
    assert.match(
      String(await outcome(decodeBytes(line))),
      /^it has 100000 × 1 pixels, and the limit for a side is 65535$/,
    );
    const header = Buffer.from(line);
    header.writeUInt32BE(50_000, 16);
    header.writeUInt32BE(50_000, 20);
    assert.match(
      String(await outcome(decodeBytes(header))),
      /^it has 50000 × 50000 pixels|CRC|crc/,
    );
  });

  it('does not delay a call that is aborted', async () => {
    const file = await large(12_000, 9_000);
    const controller = new AbortController();
    const started = performance.now();
    const decoding = decodeBytes(file, controller.signal);
    setTimeout(() => controller.abort(new Error('enough')), 20);
    assert.equal(await outcome(decoding), 'enough');
    const waited = performance.now() - started;
    const whole = performance.now();
    await decodeBytes(file);
    const needed = performance.now() - whole;
    assert.ok(waited < Math.max(250, needed / 2), `waited ${waited} ms of ${needed}`);
  });
});
