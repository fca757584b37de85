import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../grounding/ui/frontend/kit/api.js";
import { EditQueue } from "../../grounding/ui/frontend/saving/edit_queue.js";
import { EditStorage } from "../../grounding/ui/frontend/saving/edit_storage.js";

class Storage {
  constructor() { this.map = new Map(); }
  get length() { return this.map.size; }
  key(i) { return [...this.map.keys()][i]; }
  getItem(key) { return this.map.has(key) ? this.map.get(key) : null; }
  setItem(key, value) { this.map.set(key, value); }
  removeItem(key) { this.map.delete(key); }
}

function queueOf(send, storage = new Storage()) {
  const seen = [], saved = [], conflicts = [];
  const queue = new EditQueue({
    send, storage: new EditStorage(storage), listen: (state) => seen.push(state.kind), onSaved: (entry) => saved.push(entry.edit),
    onConflict: (entry) => conflicts.push(entry.edit), wait: () => new Promise((resolve) => setImmediate(resolve)),
  });
  return { queue, seen, saved, conflicts, storage };
}
const edit = (name, item = "i1") => ({ edit: name, item, name: "photo.jpg", revision: 1, annotations: [{ id: name, object: name, kind: "box", value: null, replaces: [] }] });
const rest = async () => { for (let i = 0; i < 40; i++) await new Promise((resolve) => setImmediate(resolve)); };

test("edits arrive in order, one at a time", async () => {
  let busy = 0, most = 0;
  const { queue, saved, storage } = queueOf(async () => { most = Math.max(most, ++busy); await rest(); busy -= 1; return { revision: 1 }; });
  ["a", "b", "c"].forEach((name) => queue.push(edit(name)));
  for (let i = 0; i < 8; i++) await rest();
  assert.deepEqual(saved, ["a", "b", "c"]);
  assert.equal(most, 1);
  assert.equal(storage.length, 0);
});

test("while the server is away edits wait, and arrive when it is back", async () => {
  let away = true;
  const { queue, seen, saved } = queueOf(async () => { if (away) throw new Failure(0, "away"); return {}; });
  queue.push(edit("a"));
  queue.push(edit("b"));
  await rest();
  assert.equal(queue.state().kind, "offline");
  assert.equal(queue.state().waiting, 2);
  away = false;
  await rest();
  assert.deepEqual(saved, ["a", "b"]);
  assert.equal(seen.at(-1), "saved");
});

test("while the server's disk is full edits wait with its sentence, and arrive when there is room", async () => {
  let full = true;
  const { queue, saved } = queueOf(async () => { if (full) throw new Failure(507, "the disk is full"); return {}; });
  queue.push(edit("a"));
  await rest();
  const { kind, message, waiting } = queue.state();
  assert.deepEqual([kind, message, waiting], ["failing", "the disk is full", 1]);
  full = false;
  await rest();
  assert.deepEqual(saved, ["a"]);
  assert.equal(queue.state().kind, "saved");
});

test("what was not saved is there for the next page", async () => {
  const storage = new Storage();
  const first = queueOf(async () => { throw new Failure(503, "down"); }, storage);
  first.queue.push(edit("a"));
  first.queue.push(edit("b"));
  await rest();
  first.queue.wait = () => new Promise(() => {});
  await rest();
  const second = queueOf(async () => ({}), storage);
  assert.equal(second.queue.state().waiting, 2);
  second.queue.run();
  await rest();
  assert.deepEqual(second.saved, ["a", "b"]);
});

test("signed out is said as such, and nothing is lost", async () => {
  let out = true;
  const { queue, saved } = queueOf(async () => { if (out) throw new Failure(401, "signed out"); return {}; });
  queue.push(edit("a"));
  await rest();
  assert.equal(queue.state().kind, "signedout");
  out = false;
  queue.retry();
  await rest();
  assert.deepEqual(saved, ["a"]);
});

test("a refused edit holds its item back with its reason, and no other", async () => {
  const { queue, saved } = queueOf(async (entry) => { if (entry.edit === "bad") throw new Failure(400, "a box without a label"); return {}; });
  [edit("bad"), edit("after"), edit("other", "i2")].forEach((entry) => queue.push(entry));
  await rest();
  assert.deepEqual(saved, ["other"]);
  const { kind, refused, message } = queue.state();
  assert.deepEqual([kind, refused.length, message], ["refused", 1, "a box without a label"]);
  queue.discard(["bad"]);
  queue.release("i1");
  await rest();
  assert.deepEqual(saved, ["other", "after"]);
});

test("a conflict waits for a choice, and goes on under a new edit id", async () => {
  let fresh = false;
  const { queue, saved, conflicts } = queueOf(async () => { if (!fresh) throw new Failure(409, "changed", { annotations: [] }); return {}; });
  queue.push(edit("a"));
  await rest();
  assert.deepEqual(conflicts, ["a"]);
  assert.equal(queue.state().kind, "conflict");
  fresh = true;
  queue.rewrite("a", { edit: "a2", annotations: [] });
  queue.release("i1");
  await rest();
  assert.deepEqual(saved, ["a2"]);
});

test("a full storage is said, and the edit is still sent", async () => {
  const storage = new Storage();
  storage.setItem = () => { throw new Error("quota"); };
  const { queue, saved } = queueOf(async () => ({}), storage);
  queue.push(edit("a"));
  assert.equal(queue.state().full, "quota");
  await rest();
  assert.deepEqual(saved, ["a"]);
});
