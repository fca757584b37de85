import assert from "node:assert/strict";
import { test } from "node:test";
import { GUTTER, PAD, TimeScale, visibleKeyframes } from "../../grounding/ui/frontend/video/time_scale.js";

test("every frame lies on the time scale where it is found again, at any zoom", () => {
  const scale = Object.assign(new TimeScale(), { width: 900 });
  scale.open(20000);
  assert.deepEqual([scale.xOf(0), scale.xOf(19999)], [GUTTER + PAD, 900 - PAD]);
  for (const [factor, at] of [[3, 100], [40, 7000], [1000, 7003], [0.01, 5], [2, 19999]]) {
    const before = scale.xOf(at);
    scale.zoomAt(factor, at);
    if (scale.left > 0 && scale.left < scale.count - 1 - scale.seen - 1e-6) assert.ok(Math.abs(scale.xOf(at) - before) < 1e-6);
    assert.ok(scale.zoom >= 1 && scale.zoom <= scale.deepest && scale.left >= 0);
    const [first, last] = scale.window();
    for (let frame = Math.max(0, first + 2); frame < last - 2; frame += Math.max(1, Math.floor(scale.seen / 9))) if (scale.step >= 1) assert.equal(scale.frameAt(scale.xOf(frame)), frame);
  }
  scale.open(1);
  assert.equal(scale.frameAt(5000), 0);
});

test("a frame out of sight is brought in, one in sight is left where it is", () => {
  const scale = Object.assign(new TimeScale(), { width: 900 });
  scale.open(1000);
  scale.zoomAt(10, 0);
  assert.equal(scale.keep(50), false);
  assert.equal(scale.keep(600), true);
  assert.ok(scale.left < 600 && scale.left + scale.seen > 600);
});

test("of twenty thousand keyframes few are drawn, and every one a person set", () => {
  const keys = Array.from({ length: 20000 }, (_, frame) => ({ frame, ...(frame % 5000 === 7 ? { by: "person" } : {}) }));
  const drawn = visibleKeyframes(keys, [0, 19999], 700 / 20000);
  assert.ok(drawn.length < 200);
  assert.deepEqual(drawn.filter((key) => key.by).map((key) => key.frame), [7, 5007, 10007, 15007]);
  assert.deepEqual(visibleKeyframes(keys, [100, 105], 100).map((key) => key.frame), [100, 101, 102, 103, 104, 105]);
});
