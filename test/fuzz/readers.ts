/** All readers, by the kind of file. */
import { thirdPartyWeights } from './thirdPartyWeights';
import { pictures } from './pictures';
import type { Readers } from './reader';
import { texts } from './texts';
import { weights } from './weights';

export const readers: Readers = { ...weights, ...thirdPartyWeights, ...texts, ...pictures };
