// File batches: everything that was dropped, folders walked through, in batches that a server takes in one go.

/** @typedef {{file: File, path: string}} DroppedFile */

const MAX_FILES = 200, MAX_BYTES = 256e6;
/** Files that name photos or videos: sent apart from them, they would not find them. */
const NAMES_OTHERS = /\.(json|xml)$|(^|\/)gt\.txt$/i;

/**
 * Batches of {file, path}: at most MAX_FILES and MAX_BYTES each; all in one where a file among them names others.
 * @param {DroppedFile[]} files
 */
export function fileBatches(files) {
  if (!files.length) return [];
  if (files.some(({ path }) => NAMES_OTHERS.test(path))) return [files];
  /** @type {DroppedFile[][]} */
  const batches = [[]];
  let bytes = 0;
  for (const entry of files) {
    const last = batches[batches.length - 1];
    if (last.length && (last.length >= MAX_FILES || bytes + entry.file.size > MAX_BYTES)) { batches.push([]); bytes = 0; }
    batches[batches.length - 1].push(entry);
    bytes += entry.file.size;
  }
  return batches;
}

/**
 * Everything dropped, as {file, path}: folders are walked through, their hidden files left out.
 * @param {DataTransfer} transfer
 */
export async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => (item.webkitGetAsEntry ? item.webkitGetAsEntry() : null)).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => ({ file, path: file.name }));
  /** @type {DroppedFile[]} */
  const found = [];
  for (const entry of entries) await walk(entry, found);
  return found;
}

/**
 * The files of an <input type="file">, as {file, path}.
 * @param {HTMLInputElement} input
 */
export const chosenFiles = (input) => [...input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));

/**
 * @param {any} entry
 * @param {DroppedFile[]} found
 */
async function walk(entry, found) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject)), path = entry.fullPath.replace(/^\//, "");
    if (!file.name.startsWith(".") || !path.includes("/")) found.push({ file, path });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const children = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!children.length) return;
    for (const child of children) await walk(child, found);
  }
}
