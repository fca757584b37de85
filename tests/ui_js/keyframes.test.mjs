import assert from "node:assert/strict";
import { test } from "node:test";
import { boxAt, keyframeAt, moveKeyframeTo, nearestBox, neighbourKeyframe, nextManualKeyframe, occludedAt, occludedFrom, outsideFrom, visibleFrom, visibleSpans, withKeyframeBox } from "../../grounding/ui/frontend/document/keyframes.js";

const key = (frame, x = frame, more = {}) => ({ frame, box: [x, x, x + 10, x + 10], outside: false, ...more });

test("a thing hidden from a frame on is shown again where it was last", () => {
  const hidden = outsideFrom([key(2, 2), key(12, 12)], 5);
  assert.equal(boxAt(hidden, 6), null);
  const again = visibleFrom(hidden, 8);
  assert.deepEqual(boxAt(again, 8), boxAt(hidden, 4) && nearestBox(hidden, 8));
  assert.equal(boxAt(again, 7), null);
  assert.deepEqual(visibleSpans(again), [[2, 4], [8, 12]]);
});

test("covered holds from a keyframe to the next, and correcting the box in between keeps it", () => {
  const keys = occludedFrom([key(0), key(20)], 5, true);
  assert.deepEqual([4, 5, 12, 19, 20].map((frame) => occludedAt(keys, frame)), [false, true, true, true, false]);
  const corrected = withKeyframeBox(keys, 10, [1, 1, 5, 5]);
  assert.deepEqual([9, 10, 19].map((frame) => occludedAt(corrected, frame)), [true, true, true]);
  assert.equal(occludedAt(occludedFrom(corrected, 10, false), 15), false);
  assert.equal(occludedAt(outsideFrom(keys, 7), 8), false);
});

test("a keyframe moves to a free frame only, and is then a person's", () => {
  const keys = [key(2), key(9), key(14)];
  assert.deepEqual(moveKeyframeTo(keys, 9, 11).map((k) => [k.frame, k.by]), [[2, undefined], [11, "person"], [14, undefined]]);
  assert.deepEqual(moveKeyframeTo(keys, 9, 20).map((k) => k.frame), [2, 14, 20]);
  assert.equal(moveKeyframeTo(keys, 9, 14), null);
  assert.equal(moveKeyframeTo(keys, 8, 10), null);
});

test("following again stops at what a person set, not at what a model set", () => {
  const keys = [key(0), key(5), key(8, 8, { by: "person" }), key(12)];
  assert.equal(nextManualKeyframe(keys, 0), 8);
  assert.equal(nextManualKeyframe(keys, 8), null);
});

test("the neighbouring keyframes are found from on, between and outside them", () => {
  const keys = [key(2), key(9), key(14)];
  assert.deepEqual([0, 2, 5, 14, 20].map((f) => neighbourKeyframe(keys, f, 1)), [2, 9, 9, null, null]);
  assert.deepEqual([0, 2, 5, 14, 20].map((f) => neighbourKeyframe(keys, f, -1)), [null, null, 2, 9, 14]);
});

test("a track hidden from a frame comes back at the next keyframe", () => {
  let keys = withKeyframeBox(withKeyframeBox([], 0, [0, 0, 10, 10]), 10, [10, 0, 20, 10]);
  keys = outsideFrom(keys, 4);
  assert.deepEqual(visibleSpans(keys), [[0, 3], [10, 10]]);
  assert.deepEqual(keyframeAt(keys, 4).box, [4, 0, 14, 10]);
});
