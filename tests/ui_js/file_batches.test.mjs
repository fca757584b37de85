import assert from "node:assert/strict";
import { test } from "node:test";
import { droppedFiles, fileBatches } from "../../grounding/ui/frontend/kit/file_batches.js";

const file = (path, size = 1000) => ({ path, file: { name: path.split("/").pop(), size } });
const photos = (count, size) => Array.from({ length: count }, (_, i) => file(`set/images/${i}.jpg`, size));

test("many files go in several batches, in order, none lost", () => {
  const files = photos(450);
  const batches = fileBatches(files);
  assert.deepEqual(batches.map((batch) => batch.length), [200, 200, 50]);
  assert.deepEqual(batches.flat(), files);
  assert.deepEqual(fileBatches([]), []);
});

test("a batch holds 256 MB at most; a larger file goes alone", () => {
  assert.deepEqual(fileBatches(photos(5, 100e6)).map((batch) => batch.length), [2, 2, 1]);
  assert.deepEqual(fileBatches([file("a.mp4", 1e9), file("b.jpg")]).map((batch) => batch.length), [1, 1]);
});

test("a file that names others goes with all of them: an annotation file apart from its photos would not find them", () => {
  for (const name of ["set/annotations/instances.json", "set/annotations.XML", "set/gt/gt.txt", "gt.txt"]) {
    const files = [file(name), ...photos(450, 1e6)];
    assert.deepEqual(fileBatches(files), [files]);
  }
  assert.equal(fileBatches([file("set/notgt.txt"), ...photos(250)]).length, 2);
});

const entryOf = (path, children) => ({
  isFile: !children, fullPath: path, file: (give) => give({ name: path.split("/").pop(), size: 1 }),
  createReader: () => { const pages = [children, []]; return { readEntries: (give) => give(pages.shift()) }; },
});

test("dropped folders are walked through; hidden files in them are left out", async () => {
  const folder = entryOf("/set", [entryOf("/set/.DS_Store"), entryOf("/set/images", [entryOf("/set/images/a.jpg")])]);
  const items = [folder, entryOf("/.hidden.jpg")].map((entry) => ({ webkitGetAsEntry: () => entry }));
  assert.deepEqual((await droppedFiles({ items, files: [] })).map(({ path }) => path), ["set/images/a.jpg", ".hidden.jpg"]);
});
