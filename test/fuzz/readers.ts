/** Every reader of files, by what it reads. */
import { foreign } from './foreign';
import { pictures } from './pictures';
import type { Readers } from './reader';
import { weights } from './weights';

export const readers: Readers = { ...weights, ...foreign, ...pictures };
