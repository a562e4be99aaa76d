/** Picture: a file, a link or what was pasted, checked to be a picture that can be read. */

export interface Picture {
  name: string;
  blob: Blob;
  /** Of the blob, for an <img>. Lives as long as the page. */
  url: string;
  width: number;
  height: number;
}

/** More are not decoded: 60 megapixels take 240 MB once they are. */
const MAX_MEGAPIXELS = 60;

/** @throws Error with a sentence for what is no picture, is broken or too large. */
export async function pictureOf(
  blob: Blob,
  name = blob instanceof File ? blob.name : 'The picture',
): Promise<Picture> {
  const url = URL.createObjectURL(blob);
  try {
    const { width, height } = await sizeOf(url, name);
    const megapixels = (width * height) / 1e6;
    if (megapixels > MAX_MEGAPIXELS) {
      throw new Error(
        `${name} has ${Math.round(megapixels)} megapixels (${width} × ${height}). Pictures of up to ${MAX_MEGAPIXELS} can be read here: make it smaller first.`,
      );
    }
    return { name, blob, url, width, height };
  } catch (error) {
    URL.revokeObjectURL(url);
    throw error;
  }
}

/** An <img> knows its size from the file's first bytes, before anything is decoded. */
async function sizeOf(url: string, name: string) {
  const image = new Image();
  await new Promise((resolve, reject) => {
    image.onload = resolve;
    image.onerror = () =>
      reject(
        new Error(
          `${name} is no picture that this browser can read. Try a JPEG, PNG, WebP or GIF.`,
        ),
      );
    image.src = url;
  });
  if (image.naturalWidth === 0)
    throw new Error(`${name} has no size of its own. Try a JPEG, PNG, WebP or GIF.`);
  return { width: image.naturalWidth, height: image.naturalHeight };
}

/** A picture of another site. Its server must allow that (CORS). */
export async function pictureOfLink(link: string, signal?: AbortSignal): Promise<Picture> {
  const address = URL.canParse(link) ? new URL(link) : undefined;
  if (!address || !/^(https?|data|blob):$/.test(address.protocol)) {
    throw new Error(`“${link}” is no link to a picture. It should begin with https://`);
  }
  const response = await fetch(address, {
    mode: 'cors',
    credentials: 'omit',
    signal: signal ?? null,
  }).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    const cause = navigator.onLine
      ? 'did not answer, or does not let other pages read its pictures'
      : 'cannot be reached: you are offline';
    throw new Error(
      `${address.host || 'The link'} ${cause}. Save the picture and drop the file here.`,
    );
  });
  if (!response.ok)
    throw new Error(
      `${address.host} answered ${response.status} for this link. Is it still there?`,
    );
  return pictureOf(await response.blob(), address.pathname.split('/').pop() || address.host);
}

/** What was copied: of the clipboard's items the first picture. */
export async function pictureOfClipboard(): Promise<Picture> {
  if (!navigator.clipboard?.read)
    throw new Error(
      'This browser does not let a page read the clipboard. Press Ctrl+V, or ⌘V, instead.',
    );
  const items = await navigator.clipboard.read();
  for (const item of items) {
    const type = item.types.find((each) => each.startsWith('image/'));
    if (type) return pictureOf(await item.getType(type), 'What was pasted');
  }
  throw new Error('There is no picture in the clipboard. Copy one first, then try again.');
}
