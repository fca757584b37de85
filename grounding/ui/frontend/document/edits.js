// Edits: what each gesture changes, worked out from what stands; a person's touch makes a proposal accepted.

import { roundBox } from "../kit/geometry.js";
import { addition, changeTo } from "./item_document.js";
import { endedAt, manualKeyframe, withKeyframeBox } from "./keyframes.js";
import { withKeyframesTrimmed } from "./track_segments.js";

export const byModel = (head) => (head.author || "").startsWith("model:");
const tidyKeys = (keys) => keys.map((key) => ({ ...key, box: roundBox(key.box) }));

export const newBox = (box, label) => addition("box", { box: roundBox(box), label, score: 1, state: "accepted" });

export function newTrack(frame, box, label) {
  return addition("track", { label, caption: "", state: "accepted", score: 1, keyframes: [manualKeyframe(frame, roundBox(box))] });
}

/** The thing with its box at this frame; a track gets a keyframe here. */
export function withBoxAt(head, box, frame) {
  if (head.kind === "box") return changeTo(head, { ...head.value, box: roundBox(box), state: "accepted" });
  return withKeyframes(head, withKeyframeBox(head.value.keyframes, frame, box));
}

export const withKeyframes = (head, keys) => changeTo(head, { ...withKeyframesTrimmed(head.value, tidyKeys(keys)), state: "accepted" });

/** The track ended before this frame, or null when nothing of it would be left. */
export function endedBefore(head, frame) {
  const keys = endedAt(head.value.keyframes, frame);
  return keys.length ? withKeyframes(head, keys) : null;
}

export const relabelled = (head, label) => changeTo(head, { ...head.value, label, state: "accepted" });
export const recaptioned = (head, caption) => changeTo(head, { ...head.value, caption, state: "accepted" });
export const withState = (head, state) => changeTo(head, { ...head.value, state });

/** What a thing is called of whose label nobody has said anything. */
export const UNNAMED_LABEL = "object";

export function newPhrase(text, targets, unique = true) {
  return addition("phrase", { text, targets, state: "accepted", origin: "person", rule: "", unique, score: 1 });
}

/** Other words for a phrase; like an acceptance, it also accepts the boxes it points at. The rule stays: it tells whose words were mended. */
export function rewritten(doc, head, text) {
  const words = changeTo(head, { ...head.value, text, state: "accepted", origin: "person" });
  return [words, ...acceptChanges(doc, head).slice(1)];
}

/** Other boxes for a phrase, which are thereby accepted too. */
export function retargeted(doc, head, targets) {
  const boxes = acceptChanges(doc, { ...head, value: { ...head.value, targets } }).slice(1);
  return [changeTo(head, { ...head.value, targets, state: "accepted", origin: "person" }), ...boxes];
}

/** Accepts a phrase and, since it names them, the proposed boxes it points at. */
export function acceptChanges(doc, head) {
  const changes = [withState(head, "accepted")];
  if (head.kind !== "phrase") return changes;
  for (const object of head.value.targets) {
    const thing = doc.get(object);
    if (thing && thing.value.state === "proposed") changes.push(withState(thing, "accepted"));
  }
  return changes;
}

/** What a model said is kept as rejected, what a person made is deleted. */
export function removalOf(head) {
  const proposal = head.kind === "phrase" ? head.value.origin !== "person" : byModel(head) && head.value.state === "proposed";
  return proposal ? withState(head, "rejected") : changeTo(head, null);
}

/**
 * Things taken away. A model's proposal is kept as rejected (it teaches), anything else is deleted; phrases lose the
 * target, and go too where it was their last.
 */
export function removeAnnotations(doc, heads, { reject = false } = {}) {
  const objects = new Set(heads.map((head) => head.object));
  const changes = heads.map((head) => (reject ? withState(head, "rejected") : removalOf(head)));
  for (const phrase of doc.all("phrase")) {
    if (objects.has(phrase.object) || phrase.value.state === "rejected") continue;
    const left = phrase.value.targets.filter((target) => !objects.has(target));
    if (left.length === phrase.value.targets.length) continue;
    if (left.length) changes.push(changeTo(phrase, { ...phrase.value, targets: left }));
    else changes.push(reject ? withState(phrase, "rejected") : removalOf(phrase));
  }
  return changes;
}

/** Boxes copied a little to the side, with new names. */
export function duplicated(heads, shift, size) {
  return heads.filter((head) => head.kind === "box").map((head) => {
    const [x0, y0, x1, y1] = head.value.box;
    const dx = Math.min(shift, size.width - x1), dy = Math.min(shift, size.height - y1);
    return addition("box", { ...head.value, score: 1, state: "accepted", box: roundBox([x0 + dx, y0 + dy, x1 + dx, y1 + dy]) });
  });
}

/** Every proposed thing accepted, at once. */
export function acceptAllChanges(doc) {
  return ["box", "track", "phrase"].flatMap((kind) => doc.all(kind).filter((h) => h.value.state === "proposed").map((h) => withState(h, "accepted")));
}
