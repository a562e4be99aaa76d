/** Tests of the links and previews of the published gallery. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { drawShareCard, shareTags, siteLinks } from './share.mjs';

const page = { title: 'A “title”', description: 'Less < "more"', image: 'share-card.png' };

describe('links and previews of the published gallery', () => {
  it('come from variables or package.json, and are left out where unset', () => {
    const set = Object.entries(siteLinks({}, {})).filter(([, address]) => address);
    assert.deepEqual(
      set.map(([name]) => name),
      ['paper'],
    );
    const manifest = {
      homepage: 'https://example.org/alexnet',
      repository: { url: 'git+https://example.org/code.git' },
    };
    const { site, repository } = siteLinks(manifest, {});
    assert.equal(site, 'https://example.org/alexnet/');
    assert.equal(repository, 'https://example.org/code');
    assert.equal(
      siteLinks(manifest, { GALLERY_URL: 'https://example.org/other/' }).site,
      'https://example.org/other/',
    );
    assert.throws(
      () => siteLinks({}, { GALLERY_NPM: 'alexnet-ts' }),
      /^Error: GALLERY_NPM: must be an address such as https:\/\/example\.org\/, got alexnet-ts\.$/,
    );
  });

  it('have og: tags with absolute addresses, or none', () => {
    assert.equal(shareTags(undefined, page), '');
    const tags = shareTags('https://example.org/', page);
    assert.match(tags, /property="og:image" content="https:\/\/example\.org\/share-card\.png"/);
    assert.match(tags, /content="Less &lt; &quot;more&quot;"/);
  });

  it('have a card of 1200 × 630 pixels', async () => {
    const card = await drawShareCard(fileURLToPath(new URL('../..', import.meta.url)));
    const { width, height, format } = await sharp(card).metadata();
    assert.deepEqual([width, height, format], [1200, 630, 'png']);
  });
});
