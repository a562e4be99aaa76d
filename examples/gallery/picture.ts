/**
 * Opens pictures from files, links and the clipboard, and checks that the browser can read them.
 */

export interface Picture {
  name: string;
  blob: Blob;
  /** Object URL of the blob, for an `<img>`. Never revoked. */
  url: string;
  width: number;
  height: number;
}

/** Larger pictures are not decoded: 60 megapixels take 240 MB of memory. */
const MAX_MEGAPIXELS = 60;

/** @throws Error if the file is not a picture, is damaged or too large. */
export async function pictureFromBlob(
  blob: Blob,
  name = blob instanceof File ? blob.name : 'The picture',
): Promise<Picture> {
  const url = URL.createObjectURL(blob);
  try {
    const { width, height } = await sizeOf(url, name);
    const megapixels = (width * height) / 1e6;
    if (megapixels > MAX_MEGAPIXELS) {
      throw new Error(
        `${name} has ${Math.round(megapixels)} megapixels (${width} × ${height}). The limit is ${MAX_MEGAPIXELS} megapixels. Make it smaller and try again.`,
      );
    }
    return { name, blob, url, width, height };
  } catch (error) {
    URL.revokeObjectURL(url);
    throw error;
  }
}

/** Reads the size through an `<img>`, which needs only the first bytes and decodes nothing. */
async function sizeOf(url: string, name: string) {
  const image = new Image();
  await new Promise((resolve, reject) => {
    image.onload = resolve;
    image.onerror = () =>
      reject(
        new Error(
          `${name} is not a picture that this browser can read. Try a JPEG, PNG, WebP or GIF.`,
        ),
      );
    image.src = url;
  });
  if (image.naturalWidth === 0)
    throw new Error(`${name} does not state its width and height. Try a JPEG, PNG, WebP or GIF.`);
  return { width: image.naturalWidth, height: image.naturalHeight };
}

/** Fetches a picture from another site, whose server must allow it (CORS). */
export async function pictureFromLink(link: string, signal?: AbortSignal): Promise<Picture> {
  const address = URL.canParse(link) ? new URL(link) : undefined;
  if (!address || !/^(https?|data|blob):$/.test(address.protocol)) {
    throw new Error(`“${link}” is not a link to a picture. Links start with https://`);
  }
  const response = await fetch(address, {
    mode: 'cors',
    credentials: 'omit',
    signal: signal ?? null,
  }).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    const cause = navigator.onLine
      ? 'did not respond, or does not let other sites load its pictures'
      : 'cannot be reached: you are offline';
    throw new Error(
      `${address.host || 'The link'} ${cause}. Save the picture and drop the file here.`,
    );
  });
  if (!response.ok)
    throw new Error(`${address.host} responded with error ${response.status}. Check the link.`);
  return pictureFromBlob(await response.blob(), address.pathname.split('/').pop() || address.host);
}

/** Returns the first picture in the clipboard. */
export async function pictureFromClipboard(): Promise<Picture> {
  if (!navigator.clipboard?.read)
    throw new Error(
      'This browser does not let pages read the clipboard. Press Ctrl+V or ⌘V instead.',
    );
  const items = await navigator.clipboard.read();
  for (const item of items) {
    const type = item.types.find((each) => each.startsWith('image/'));
    if (type) return pictureFromBlob(await item.getType(type), 'Pasted picture');
  }
  throw new Error('There is no picture in the clipboard. Copy one and try again.');
}
