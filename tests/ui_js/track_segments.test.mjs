import assert from "node:assert/strict";
import { test } from "node:test";
import { boxAt, occludedAt } from "../../grounding/ui/frontend/document/keyframes.js";
import { keyframesOf, mergeKeyframes, sharedFrames, splitKeyframes, trackSegments, withKeyframesTrimmed } from "../../grounding/ui/frontend/document/track_segments.js";

const LAST = 32;
const key = (frame, x = frame, more = {}) => ({ frame, box: [x, x, x + 10, x + 10], outside: false, ...more });
const film = (keys) => Array.from({ length: LAST }, (_, frame) => { const box = boxAt(keys, frame); return box && [...box.map((x) => Math.round(x * 1e6) / 1e6), occludedAt(keys, frame)]; });

let seed = 3;
const pick = (n) => { seed = (seed * 1103515245 + 12345) % 2147483648; return seed % n; };
function random() {
  const frames = [...new Set(Array.from({ length: 1 + pick(7) }, () => pick(30)))].sort((a, b) => a - b);
  return frames.map((frame) => key(frame, pick(50), { outside: pick(10) < 3, ...(pick(4) ? {} : { occluded: true }), ...(pick(2) ? { by: "person" } : {}) }));
}

test("pieces put together again show the same in every frame", () => {
  for (let n = 0; n < 300; n++) {
    const keys = random();
    assert.deepEqual(film(keyframesOf(trackSegments(keys))), film(keys));
  }
});

test("the two parts of a split show together what the whole showed, each on its side", () => {
  for (let n = 0; n < 300; n++) {
    const keys = random(), at = 1 + pick(29), parts = splitKeyframes(keys, at), whole = film(keys);
    if (!parts) { assert.ok(!whole.slice(0, at).some(Boolean) || !whole.slice(at).some(Boolean)); continue; }
    const [before, after] = parts.map(film);
    assert.deepEqual(before, whole.map((box, frame) => (frame < at ? box : null)));
    assert.deepEqual(after, whole.map((box, frame) => (frame < at ? null : box)));
  }
});

test("merged tracks show the first where it is seen, else the second", () => {
  for (let n = 0; n < 300; n++) {
    const a = random(), b = random(), [fa, fb] = [film(a), film(b)];
    assert.deepEqual(film(mergeKeyframes(a, b)), fa.map((box, frame) => box || fb[frame]));
    assert.equal(sharedFrames(a, b), fa.filter((box, frame) => box && fb[frame]).length);
  }
});

test("a split mended by a merge is the track of before", () => {
  const keys = [key(2), key(9, 20, { by: "person" }), key(14, 3, { outside: true }), key(20, 7), key(25, 9)];
  for (const at of [5, 9, 12, 21]) assert.deepEqual(film(mergeKeyframes(...splitKeyframes(keys, at))), film(keys));
});

test("captions of stretches are cut to the life that is left", () => {
  const value = { label: "dog", captions: [{ start: 0, end: 6, text: "runs" }, { start: 8, end: 9, text: "sits" }], keyframes: [key(0), key(9)] };
  assert.deepEqual(withKeyframesTrimmed(value, [key(0), key(4)]).captions, [{ start: 0, end: 4, text: "runs" }]);
  assert.equal("captions" in withKeyframesTrimmed(value, [key(7)]), false);
});
