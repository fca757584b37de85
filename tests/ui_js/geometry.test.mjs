import assert from "node:assert/strict";
import { test } from "node:test";
import { area, clipBox, handleAt, iou, moveBox, objectsAt, resizeBox } from "../../grounding/ui/frontend/kit/geometry.js";

const size = { width: 100, height: 80 };

test("a box is put in order and cut at the border", () => {
  assert.deepEqual(clipBox([90, 70, -5, 200], size), [0, 70, 90, 80]);
});

test("a moved box keeps its width and height, whatever the border says", () => {
  for (const [dx, dy] of [[-500, 3], [500, 500], [0, -1], [12.5, 0.25]]) {
    const box = moveBox([20, 30, 50, 45], dx, dy, size);
    assert.equal(box[2] - box[0], 30);
    assert.equal(box[3] - box[1], 15);
    assert.ok(box[0] >= 0 && box[1] >= 0 && box[2] <= 100 && box[3] <= 80);
  }
});

test("a side drawn over the other one swaps them", () => {
  assert.deepEqual(resizeBox([20, 30, 50, 45], "e", { x: 5, y: 0 }, size), [5, 30, 20, 45]);
  assert.deepEqual(resizeBox([20, 30, 50, 45], "nw", { x: 60, y: 70 }, size), [50, 45, 60, 70]);
});

test("a corner wins over the sides beside it", () => {
  assert.equal(handleAt([0, 0, 10, 10], { x: 1, y: 1 }, 8), "nw");
  assert.equal(handleAt([0, 0, 100, 100], { x: 50, y: 2 }, 8), "n");
  assert.equal(handleAt([0, 0, 100, 100], { x: 50, y: 50 }, 8), null);
});

test("the smallest box under a point comes first", () => {
  const things = [{ id: "big", box: [0, 0, 90, 70] }, { id: "small", box: [10, 10, 20, 20] }, { id: "far", box: [60, 60, 70, 70] }];
  assert.deepEqual(objectsAt(things, { x: 15, y: 15 }).map((thing) => thing.id), ["small", "big"]);
});

test("overlap is 1 with itself, 0 beside, and 0 for empty boxes", () => {
  assert.equal(iou([0, 0, 10, 10], [0, 0, 10, 10]), 1);
  assert.equal(iou([0, 0, 10, 10], [10, 0, 20, 10]), 0);
  assert.equal(iou([5, 5, 5, 5], [5, 5, 5, 5]), 0);
  assert.equal(area([3, 3, 1, 9]), 0);
});
