import assert from "node:assert/strict";
import { test } from "node:test";
import { Viewport } from "../../grounding/ui/frontend/stage/viewport.js";

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
