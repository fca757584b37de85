import "./browser.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";
import { ItemDocument } from "../../grounding/ui/frontend/document/item_document.js";
import { canRemoveKeyframe, captionSpanAt, mergeTracks, moveKeyframe, setLocked, splitTrack, toggleOccluded, toggleOutside, withCaptionSpan } from "../../grounding/ui/frontend/document/track_edits.js";

const key = (frame, more = {}) => ({ frame, box: [frame, 1, frame + 9, 30], outside: false, ...more });
const said = (id, kind, value) => ({ id, object: id, kind, value, author: "model:m@1", replaces: [] });
const track = (id, frames, more = {}) => said(id, "track", { label: "dog", caption: "", score: 0.8, state: "proposed", keyframes: frames.map((f) => key(f)), ...more });
const phrase = (id, targets) => said(id, "phrase", { text: id, targets, state: "accepted", origin: "person" });

function opened(...annotations) {
  const sent = [], item = { id: "v", name: "film.mp4", kind: "video", width: 100, height: 80, revision: 1, annotations };
  return { sent, doc: new ItemDocument(item, (entry) => sent.push(entry)) };
}
const standing = (doc) => JSON.stringify([...doc.annotations.values()].filter((h) => h.value).map((h) => [h.object, h.value]).sort());

test("a merge replaces both versions, takes the phrases over, and is one step back", () => {
  const { doc, sent } = opened(track("a", [0, 10]), track("b", [5, 20], { captions: [{ start: 12, end: 20, text: "sits" }] }), phrase("p", ["b"]), phrase("q", ["a", "b"]));
  const before = standing(doc), { changes, shared } = mergeTracks(doc, doc.get("a"), doc.get("b"));
  assert.equal(shared, 6);
  doc.commit(changes, "merge");
  const [kept, gone] = sent[0].annotations;
  assert.deepEqual([kept.object, kept.replaces], ["a", ["a", "b"]]);
  assert.deepEqual([gone.object, gone.value, gone.replaces], ["b", null, []]);
  assert.equal(doc.ofKind("track").length, 1);
  assert.deepEqual(doc.get("a").value.captions, [{ start: 12, end: 20, text: "sits" }]);
  assert.deepEqual([doc.get("p").value.targets, doc.get("q").value.targets], [["a"], ["a"]]);
  doc.undo();
  assert.equal(standing(doc), before);
  assert.deepEqual(sent[1].annotations.find((a) => a.object === "b").replaces, [gone.id]);
  doc.redo();
  assert.deepEqual(sent[2].annotations[0].replaces.length, 2);
  doc.undo();
  assert.equal(standing(doc), before);
});

test("a split leaves the first part its name and its phrases, and is one step back", () => {
  const { doc } = opened(track("a", [0, 10, 20], { captions: [{ start: 5, end: 15, text: "runs" }] }), phrase("p", ["a"]));
  const before = standing(doc);
  doc.commit(splitTrack(doc.get("a"), 12), "split");
  const [first, second] = doc.ofKind("track");
  assert.deepEqual([first.object, first.value.keyframes.map((k) => k.frame), first.value.captions[0].end], ["a", [0, 10, 11], 11]);
  assert.deepEqual([second.value.keyframes.map((k) => k.frame), second.value.captions], [[12, 20], [{ start: 12, end: 15, text: "runs" }]]);
  assert.deepEqual(doc.get("p").value.targets, ["a"]);
  doc.undo();
  assert.equal(standing(doc), before);
  assert.equal(splitTrack(doc.get("a"), 0), null);
});

test("hiding twice shows again; covering twice uncovers", () => {
  const { doc } = opened(track("a", [0, 20]));
  const toggle = (frame) => { const [edit, title] = toggleOutside(doc.get("a"), frame); doc.commit([edit], title); return title; };
  assert.deepEqual([toggle(5), toggle(8)], ["hide from here", "show again"]);
  doc.commit([toggleOccluded(doc.get("a"), 9)], "covered");
  assert.equal(doc.get("a").value.keyframes.find((k) => k.frame === 9).occluded, true);
  doc.commit([toggleOccluded(doc.get("a"), 9)], "not covered");
  assert.equal(doc.get("a").value.keyframes.some((k) => k.occluded), false);
  assert.equal(toggleOccluded(doc.get("a"), 6), null);
});

test("a lock changes nothing but itself", () => {
  const { doc } = opened(track("a", [0, 20]));
  const before = standing(doc);
  doc.commit([setLocked(doc.get("a"), true)], "lock");
  assert.equal(doc.get("a").value.locked, true);
  doc.commit([setLocked(doc.get("a"), false)], "unlock");
  assert.equal(standing(doc), before);
});

test("captions of stretches are written, mended, moved and removed", () => {
  const { doc } = opened(track("a", [0, 20]));
  const put = (before, stretch) => doc.commit([withCaptionSpan(doc.get("a"), before, stretch)], "caption");
  const runs = { start: 2, end: 9, text: "runs" }, sits = { start: 5, end: 20, text: "sits" };
  put(null, sits);
  put(null, runs);
  assert.deepEqual(doc.get("a").value.captions, [runs, sits]);
  assert.deepEqual([1, 3, 7, 15].map((f) => (captionSpanAt(doc.get("a"), f) || {}).text), [undefined, "runs", "runs", "sits"]);
  put(runs, { start: 2, end: 4, text: "trots" });
  assert.deepEqual(doc.get("a").value.captions[0], { start: 2, end: 4, text: "trots" });
  put(sits, null);
  put(doc.get("a").value.captions[0], null);
  assert.equal("captions" in doc.get("a").value, false);
});

test("a keyframe can go unless it is the last one seen; it moves where it can", () => {
  const { doc } = opened(track("a", [0, 20]), track("b", [3]));
  assert.deepEqual([canRemoveKeyframe(doc.get("a"), 0), canRemoveKeyframe(doc.get("a"), 5), canRemoveKeyframe(doc.get("b"), 3)], [true, false, false]);
  assert.deepEqual(moveKeyframe(doc.get("a"), 20, 12).after.keyframes.map((k) => k.frame), [0, 12]);
  assert.equal(moveKeyframe(doc.get("a"), 20, 0), null);
});

test("what the server makes of a track in hand is one step back, and earlier steps stay", () => {
  const { doc, sent } = opened(track("a", [0]));
  doc.commit([setLocked(doc.get("a"), true)], "lock");
  const before = doc.beginExternalEdit("a"), mine = sent[0].annotations[0];
  for (const [n, frames] of [[0, 5], [0, 5, 10]].entries()) doc.load([{ ...track("a", frames), id: `grown${n}`, replaces: [mine.id] }], []);
  assert.equal(doc.endExternalEdit("a", "track", before, "follow"), true);
  assert.deepEqual(doc.undoable.map((step) => step.title), ["lock", "follow"]);
  doc.undo();
  assert.deepEqual(doc.get("a").value, before);
  doc.undo();
  assert.equal(doc.get("a").value.locked, undefined);
});
