// Edits: the changes of each gesture, computed from what stands; a person's touch makes a proposal accepted.

import { roundBox } from "../kit/geometry.js";
import { addition, changeTo } from "./item_document.js";
import { endedAt, manualKeyframe, withKeyframeBox } from "./keyframes.js";
import { withKeyframesTrimmed } from "./track_segments.js";

/**
 * @typedef {import("./types.js").Annotation} Annotation
 * @typedef {import("./types.js").Change} Change
 * @typedef {import("./types.js").Keyframe} Keyframe
 * @typedef {import("./types.js").Kind} Kind
 * @typedef {import("./types.js").State} State
 * @typedef {import("./item_document.js").ItemDocument} ItemDocument
 * @typedef {import("../kit/geometry.js").Box} Box
 * @typedef {import("../kit/geometry.js").Size} Size
 */

/** @param {Annotation} annotation */
export const byModel = (annotation) => (annotation.author || "").startsWith("model:");
/** @param {Keyframe[]} keys */
const tidyKeys = (keys) => keys.map((key) => ({ ...key, box: roundBox(key.box) }));

/**
 * @param {Box} box
 * @param {string} label
 */
export const newBox = (box, label) => addition("box", { box: roundBox(box), label, score: 1, state: "accepted" });

/**
 * @param {number} frame
 * @param {Box} box
 * @param {string} label
 */
export function newTrack(frame, box, label) {
  return addition("track", { label, caption: "", state: "accepted", score: 1, keyframes: [manualKeyframe(frame, roundBox(box))] });
}

/**
 * The object with its box at this frame; a track gets a keyframe here.
 * @param {Annotation} annotation
 * @param {Box} box
 * @param {number} frame
 */
export function withBoxAt(annotation, box, frame) {
  if (annotation.kind === "box") return changeTo(annotation, { ...annotation.value, box: roundBox(box), state: "accepted" });
  return withKeyframes(annotation, withKeyframeBox(annotation.value.keyframes, frame, box));
}

/**
 * @param {Annotation} annotation
 * @param {Keyframe[]} keys
 */
export const withKeyframes = (annotation, keys) => changeTo(annotation, { ...withKeyframesTrimmed(annotation.value, tidyKeys(keys)), state: "accepted" });

/**
 * The track ended before this frame, or null when nothing of it would be left.
 * @param {Annotation} annotation
 * @param {number} frame
 */
export function endedBefore(annotation, frame) {
  const keys = endedAt(annotation.value.keyframes, frame);
  return keys.length ? withKeyframes(annotation, keys) : null;
}

/**
 * @param {Annotation} annotation
 * @param {string} label
 */
export const relabelled = (annotation, label) => changeTo(annotation, { ...annotation.value, label, state: "accepted" });
/**
 * @param {Annotation} annotation
 * @param {string} caption
 */
export const recaptioned = (annotation, caption) => changeTo(annotation, { ...annotation.value, caption, state: "accepted" });
/**
 * @param {Annotation} annotation
 * @param {State} state
 */
export const withState = (annotation, state) => changeTo(annotation, { ...annotation.value, state });

/** What an object is called of whose label nobody has said anything. */
export const UNNAMED_LABEL = "object";

/**
 * @param {string} text
 * @param {string[]} targets
 */
export function newPhrase(text, targets, unique = true) {
  return addition("phrase", { text, targets, state: "accepted", origin: "person", rule: "", unique, score: 1 });
}

/**
 * Other words for a phrase; like an acceptance, it also accepts the boxes it points at. The rule stays: it tells whose words were mended.
 * @param {ItemDocument} doc
 * @param {Annotation} annotation
 * @param {string} text
 */
export function rewritten(doc, annotation, text) {
  const words = changeTo(annotation, { ...annotation.value, text, state: "accepted", origin: "person" });
  return [words, ...acceptChanges(doc, annotation).slice(1)];
}

/**
 * Other boxes for a phrase, which are thereby accepted too.
 * @param {ItemDocument} doc
 * @param {Annotation} annotation
 * @param {string[]} targets
 */
export function retargeted(doc, annotation, targets) {
  const boxes = acceptChanges(doc, { ...annotation, value: { ...annotation.value, targets } }).slice(1);
  return [changeTo(annotation, { ...annotation.value, targets, state: "accepted", origin: "person" }), ...boxes];
}

/**
 * Accepts a phrase and, since it names them, the proposed boxes it points at.
 * @param {ItemDocument} doc
 * @param {Annotation} annotation
 */
export function acceptChanges(doc, annotation) {
  const changes = [withState(annotation, "accepted")];
  if (annotation.kind !== "phrase") return changes;
  for (const object of annotation.value.targets) {
    const target = doc.get(object);
    if (target && target.value.state === "proposed") changes.push(withState(target, "accepted"));
  }
  return changes;
}

/**
 * What a model said is kept as rejected, what a person made is deleted.
 * @param {Annotation} annotation
 */
export function removalOf(annotation) {
  const proposal = annotation.kind === "phrase" ? annotation.value.origin !== "person" : byModel(annotation) && annotation.value.state === "proposed";
  return proposal ? withState(annotation, "rejected") : changeTo(annotation, null);
}

/**
 * Objects taken away. A model's proposal is kept as rejected (it teaches), anything else is deleted; phrases lose the
 * target, and go too where it was their last.
 * @param {ItemDocument} doc
 * @param {Annotation[]} annotations
 * @param {{reject?: boolean}} options
 */
export function removeAnnotations(doc, annotations, { reject = false } = {}) {
  const objects = new Set(annotations.map((annotation) => annotation.object));
  const changes = annotations.map((annotation) => (reject ? withState(annotation, "rejected") : removalOf(annotation)));
  for (const phrase of doc.ofKind("phrase")) {
    if (objects.has(phrase.object) || phrase.value.state === "rejected") continue;
    const left = phrase.value.targets.filter((/** @type {string} */ target) => !objects.has(target));
    if (left.length === phrase.value.targets.length) continue;
    if (left.length) changes.push(changeTo(phrase, { ...phrase.value, targets: left }));
    else changes.push(reject ? withState(phrase, "rejected") : removalOf(phrase));
  }
  return changes;
}

/**
 * Boxes copied a little to the side, with new names.
 * @param {Annotation[]} annotations
 * @param {number} shift
 * @param {Size} size
 */
export function duplicated(annotations, shift, size) {
  return annotations.filter((annotation) => annotation.kind === "box").map((annotation) => {
    const [x0, y0, x1, y1] = annotation.value.box;
    const dx = Math.min(shift, size.width - x1), dy = Math.min(shift, size.height - y1);
    return addition("box", { ...annotation.value, score: 1, state: "accepted", box: roundBox([x0 + dx, y0 + dy, x1 + dx, y1 + dy]) });
  });
}

/**
 * Every proposed object accepted, at once.
 * @param {ItemDocument} doc
 */
export function acceptAllChanges(doc) {
  const kinds = /** @type {Kind[]} */ (["box", "track", "phrase"]);
  return kinds.flatMap((kind) => doc.ofKind(kind).filter((h) => h.value.state === "proposed").map((h) => withState(h, "accepted")));
}
