import assert from "node:assert/strict";
import { test } from "node:test";
import { phraseColor, shownRegions, splitAtPhrases } from "../../grounding/ui/frontend/panel/caption_grounding.js";

test("a caption is cut at its phrases and is whole again when put together", () => {
  const text = "A dog chases a red ball, quickly.", phrases = [{ span: [13, 23] }, { span: [0, 5] }];
  const parts = splitAtPhrases(text, phrases);
  assert.deepEqual(parts.map((part) => [part.text, part.phrase]), [["A dog", 1], [" chases ", -1], ["a red ball", 0], [", quickly.", -1]]);
  for (const spans of [[], [[0, 33]], [[2, 5], [4, 9]], [[5, 5]]]) assert.equal(splitAtPhrases(text, spans.map((span) => ({ span }))).map((part) => part.text).join(""), text);
});

test("a phrase shows its best box, and others only where they are nearly as good", () => {
  const shown = (...scores) => shownRegions({ regions: scores.map((score) => ({ score })) }).length;
  assert.deepEqual([shown(), shown(0.1), shown(0.9, 0.85, 0.3), shown(0.4, 0.39), shown(...Array(20).fill(0.9))], [0, 1, 2, 1, 5]);
  assert.notEqual(phraseColor(0), phraseColor(1));
});
