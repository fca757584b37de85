import assert from "node:assert/strict";
import { test } from "node:test";
import { frameAtTime, frameOfTime, timeOfFrame } from "../../grounding/ui/frontend/video/frame_times.js";

test("a time inside a frame gives this frame, with uneven steps and a late start", () => {
  const pts = [0.5, 0.52, 0.6, 0.601, 0.9, 1.4];
  pts.forEach((_, frame) => assert.equal(frameAtTime(pts, timeOfFrame(pts, frame)), frame));
});

test("a time that a player tells is a frame's own, or no frame's", () => {
  const pts = [0.5, 0.52, 0.6, 0.601, 0.9, 1.4];
  pts.forEach((time, frame) => assert.equal(frameOfTime(pts, Math.round(time * 1e6 + 0.4) / 1e6), frame));
  assert.deepEqual([0.4, 0.51, 0.6005, 2].map((time) => frameOfTime(pts, time)), [-1, -1, -1, -1]);
});
