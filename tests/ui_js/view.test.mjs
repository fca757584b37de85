import assert from "node:assert/strict";
import { test } from "node:test";
import { keyframeAt, outsideFrom, visibleSpans, withKeyframeBox } from "../../grounding/ui/frontend/document/keyframes.js";
import { commandForKey, KEYMAP } from "../../grounding/ui/frontend/editor/keymap.js";
import { inkOn, luminance, PALETTE } from "../../grounding/ui/frontend/kit/colors.js";
import { Viewport } from "../../grounding/ui/frontend/stage/viewport.js";
import { frameAtTime, frameOfTime, timeOfFrame } from "../../grounding/ui/frontend/video/frame_times.js";

test("zooming leaves the point under the pointer where it is", () => {
  const view = new Viewport(() => null);
  view.setStage(800, 600);
  view.setPicture({ width: 4000, height: 3000 });
  for (const factor of [1.3, 4, 0.7, 2.2]) {
    const at = { x: 311, y: 207 }, before = view.toImage(at);
    view.zoom(factor, at);
    const after = view.toImage(at);
    assert.ok(Math.abs(before.x - after.x) < 1e-6 && Math.abs(before.y - after.y) < 1e-6);
  }
});

test("there and back between picture and stage", () => {
  const view = new Viewport(() => null);
  view.setStage(800, 600);
  view.setPicture({ width: 640, height: 480 });
  view.zoom(3.7, { x: 10, y: 500 });
  const point = view.toImage(view.toStage({ x: 123.25, y: 45.5 }));
  assert.ok(Math.abs(point.x - 123.25) < 1e-9 && Math.abs(point.y - 45.5) < 1e-9);
});

test("every key means one thing at a place", () => {
  const seen = new Map();
  for (const [, rows] of KEYMAP) {
    for (const [key, command, , where] of rows) {
      for (const place of where ? [where] : ["photo", "video"]) {
        const name = `${key.toLowerCase()} ${place}`;
        assert.ok(!seen.has(name) || seen.get(name) === command, `${name} is both ${seen.get(name)} and ${command}`);
        seen.set(name, command);
      }
    }
  }
});

test("keys are read with their helpers, whatever the case", () => {
  const key = (name, more = {}) => commandForKey({ key: name, ...more }, "photo");
  assert.equal(key("f"), "next");
  assert.equal(commandForKey({ key: "f" }, "video"), "frameNext");
  assert.equal(commandForKey({ key: "F", shiftKey: true }, "video"), "next");
  assert.equal(key("Z", { ctrlKey: true, shiftKey: true }), "redo");
  assert.equal(key("z", { metaKey: true }), "undo");
  assert.equal(key("ArrowLeft", { shiftKey: true }), "left");
  assert.equal(key("7"), "label");
  assert.equal(key("?", { shiftKey: true }), "help");
  assert.equal(key("w", { ctrlKey: true }), null);
});

test("text on a label can be read: contrast of at least 4.5", () => {
  for (const color of PALETTE) {
    const [low, high] = [luminance(color), luminance(inkOn(color))].sort((a, b) => a - b);
    assert.ok((high + 0.05) / (low + 0.05) >= 4.5, color);
  }
});

test("a time inside a frame gives this frame, with uneven steps and a late start", () => {
  const pts = [0.5, 0.52, 0.6, 0.601, 0.9, 1.4];
  pts.forEach((_, frame) => assert.equal(frameAtTime(pts, timeOfFrame(pts, frame)), frame));
});

test("a time that a player tells is a frame's own, or no frame's", () => {
  const pts = [0.5, 0.52, 0.6, 0.601, 0.9, 1.4];
  pts.forEach((time, frame) => assert.equal(frameOfTime(pts, Math.round(time * 1e6 + 0.4) / 1e6), frame));
  assert.deepEqual([0.4, 0.51, 0.6005, 2].map((time) => frameOfTime(pts, time)), [-1, -1, -1, -1]);
});

test("a track hidden from a frame comes back at the next keyframe", () => {
  let keys = withKeyframeBox(withKeyframeBox([], 0, [0, 0, 10, 10]), 10, [10, 0, 20, 10]);
  keys = outsideFrom(keys, 4);
  assert.deepEqual(visibleSpans(keys), [[0, 3], [10, 10]]);
  assert.deepEqual(keyframeAt(keys, 4).box, [4, 0, 14, 10]);
});
