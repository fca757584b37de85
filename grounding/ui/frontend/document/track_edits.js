// Track edits: split, merge, occlude, lock, move keyframes, edit caption spans: changes of whole tracks.

import { withKeyframes } from "./edits.js";
import { addition, changeTo } from "./item_document.js";
import { boxAt, frameRange, keyframeAt, moveKeyframeTo, occludedAt, occludedFrom, outsideFrom, visibleFrom, withoutKeyframeAt } from "./keyframes.js";
import { captionsWithin, mergeKeyframes, sharedFrames, splitKeyframes, withKeyframesTrimmed } from "./track_segments.js";

/**
 * @typedef {import("./types.js").Annotation} Annotation
 * @typedef {import("./types.js").CaptionSpan} CaptionSpan
 * @typedef {import("./types.js").Change} Change
 * @typedef {import("./types.js").Keyframe} Keyframe
 * @typedef {import("./item_document.js").ItemDocument} ItemDocument
 */

/** @param {Annotation} annotation */
const keysOf = (annotation) => /** @type {Keyframe[]} */ (annotation.value.keyframes);

/**
 * @param {Annotation} annotation
 * @param {number} frame
 */
export const withoutKeyframe = (annotation, frame) => withKeyframes(annotation, withoutKeyframeAt(keysOf(annotation), frame));

/**
 * Hidden from this frame on, or, where it is hidden, shown again; [change, what was done].
 * @param {Annotation} annotation
 * @param {number} frame
 * @returns {[Change, string]}
 */
export function toggleOutside(annotation, frame) {
  const [first, last] = frameRange(keysOf(annotation)), hidden = frame > first && frame <= last && !boxAt(keysOf(annotation), frame);
  return hidden ? [withKeyframes(annotation, visibleFrom(keysOf(annotation), frame)), "show again"] : [withKeyframes(annotation, outsideFrom(keysOf(annotation), frame)), "hide from here"];
}

/**
 * Covered from this frame on, or no longer; null where it is not seen.
 * @param {Annotation} annotation
 * @param {number} frame
 */
export function toggleOccluded(annotation, frame) {
  if (annotation.kind === "box") return changeTo(annotation, { ...annotation.value, occluded: !annotation.value.occluded, state: "accepted" });
  return boxAt(keysOf(annotation), frame) ? withKeyframes(annotation, occludedFrom(keysOf(annotation), frame, !occludedAt(keysOf(annotation), frame))) : null;
}

/**
 * @param {Annotation} annotation
 * @param {boolean} yes
 */
export function setLocked(annotation, yes) {
  const { locked, ...rest } = annotation.value;
  return changeTo(annotation, yes ? { ...annotation.value, locked: true } : rest);
}

/**
 * A keyframe at another frame, or null where that cannot be.
 * @param {Annotation} annotation
 * @param {number} from
 * @param {number} to
 */
export function moveKeyframe(annotation, from, to) {
  const keys = moveKeyframeTo(keysOf(annotation), from, to);
  return keys && withKeyframes(annotation, keys);
}

/**
 * Two tracks of one: it ends before this frame, a new one begins here. Phrases stay with the first. Null at its ends.
 * @param {Annotation} annotation
 * @param {number} frame
 */
export function splitTrack(annotation, frame) {
  const parts = splitKeyframes(keysOf(annotation), frame);
  if (!parts) return null;
  const [, last] = frameRange(keysOf(annotation)), { captions, ...value } = annotation.value, kept = captionsWithin(captions, frame, last);
  return [withKeyframes(annotation, parts[0]), addition("track", { ...withKeyframesTrimmed(value, parts[1]), ...(kept.length ? { captions: kept } : {}), state: "accepted" })];
}

/**
 * Two tracks made one, the one chosen first: its box holds where both are seen. Its version replaces both, phrases of the
 * other point at it from then on. {changes, shared}: `shared` frames had two boxes.
 * @param {ItemDocument} doc
 * @param {Annotation} first
 * @param {Annotation} second
 */
export function mergeTracks(doc, first, second) {
  const value = { ...first.value, caption: first.value.caption || second.value.caption || "", state: "accepted" };
  const captions = [...(first.value.captions || []), ...(second.value.captions || [])].sort((a, b) => a.start - b.start);
  const whole = withKeyframesTrimmed({ ...value, ...(captions.length ? { captions } : {}) }, mergeKeyframes(keysOf(first), keysOf(second)));
  const phrases = doc.phrasesOf(second.object).map((phrase) => changeTo(phrase, { ...phrase.value,
    targets: [...new Set(phrase.value.targets.map((/** @type {string} */ target) => (target === second.object ? first.object : target)))] }));
  const kept = { ...changeTo(first, whole), also: [second.object] };
  return { changes: [kept, changeTo(second, null), ...phrases], shared: sharedFrames(keysOf(first), keysOf(second)) };
}

/**
 * The caption of a span set anew: `before` is the one that goes, if any; `span` null only removes it.
 * @param {Annotation} annotation
 * @param {CaptionSpan | null} before
 * @param {CaptionSpan | null} span
 */
export function withCaptionSpan(annotation, before, span) {
  const { captions = [], ...value } = annotation.value, left = captions.filter((/** @type {CaptionSpan} */ other) => !before || other.start !== before.start || other.end !== before.end || other.text !== before.text);
  const now = [...left, ...(span ? [span] : [])].sort((a, b) => a.start - b.start || a.end - b.end);
  return changeTo(annotation, { ...value, ...(now.length ? { captions: now } : {}), state: "accepted" });
}

/**
 * The caption that holds at this frame: of the shortest span around it, or null.
 * @param {Annotation} annotation
 * @param {number} frame
 */
export function captionSpanAt(annotation, frame) {
  const around = /** @type {CaptionSpan[]} */ (annotation.value.captions || []).filter((span) => span.start <= frame && frame <= span.end);
  return around.sort((a, b) => a.end - a.start - (b.end - b.start))[0] || null;
}

/**
 * What this frame alone can lose: a keyframe of several.
 * @param {Annotation} annotation
 * @param {number} frame
 */
export const canRemoveKeyframe = (annotation, frame) => keysOf(annotation).length > 1 && !!keyframeAt(keysOf(annotation), frame) && keysOf(annotation).some((key) => key.frame !== frame && !key.outside);
