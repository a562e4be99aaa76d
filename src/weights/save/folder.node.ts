/** Saves a set as a folder on disk: replaces `folder.ts` in Node. */
export { checkFolder, openFolder, writeFolder } from './setFolder';
