import assert from "node:assert/strict";
import { test } from "node:test";
import { inkOn, luminance, PALETTE } from "../../grounding/ui/frontend/kit/colors.js";

test("text on a label can be read: contrast of at least 4.5", () => {
  for (const color of PALETTE) {
    const [low, high] = [luminance(color), luminance(inkOn(color))].sort((a, b) => a - b);
    assert.ok((high + 0.05) / (low + 0.05) >= 4.5, color);
  }
});
