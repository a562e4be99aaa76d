/** appCode: code that uses a model in an app, with names that the visitor or a file chose. */

/** Characters that end a line of code, or display it in another order than it runs. */
const MISLEADING = /[\u0080-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Returns a text as a string literal that stays on one line of code, even within a comment. */
export const literal = (text: string): string =>
  JSON.stringify(text).replace(
    MISLEADING,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Encodes a name as part of an address, for a string in single quotes. */
export const inAddress = (name: string): string =>
  encodeURIComponent(name.replace(/\p{Surrogate}/gu, '\ufffd')).replaceAll("'", '%27');

/**
 * Returns a program that loads the downloaded model `name` from a folder of that name, and
 * classifies a photo: a file, an <img>, a <canvas> …
 */
export const appCode = (name: string, labels: readonly string[]): string =>
  `// npm install alexnet-ts
import { load } from 'alexnet-ts';

const model = await load({ weights: '/${inAddress(name)}/model.json' });
const [best] = await model.classify(photo); // best.label is ${labels.map(literal).join(' or ')}`;
