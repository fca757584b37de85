import assert from "node:assert/strict";
import { test } from "node:test";
import { commandForKey, KEYMAP } from "../../grounding/ui/frontend/editor/keymap.js";

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
