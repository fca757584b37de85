// Track edits: split, merge, covered, locked, keyframes in time and captions of stretches, worked out from what stands.

import { rekeyed } from "./edits.js";
import { mergedKeys, sharedFrames, splitAt, stretchesIn, withKeys } from "./pieces.js";
import { added, change } from "./state.js";
import { boxAt, endsOf, keyAt, movedKey, occludedAt, occludedFrom, outsideAt, shownAt, withoutKey } from "./tracks.js";

const keysOf = (head) => head.value.keyframes;

export const unkeyed = (head, frame) => rekeyed(head, withoutKey(keysOf(head), frame));

/** Hidden from this frame on, or, where it is hidden, shown again; [change, what was done]. */
export function outsideToggled(head, frame) {
  const [first, last] = endsOf(keysOf(head)), hidden = frame > first && frame <= last && !boxAt(keysOf(head), frame);
  return hidden ? [rekeyed(head, shownAt(keysOf(head), frame)), "show again"] : [rekeyed(head, outsideAt(keysOf(head), frame)), "hide from here"];
}

/** Covered from this frame on, or no longer; null where it is not seen. */
export function occlusionToggled(head, frame) {
  if (head.kind === "box") return change(head, { ...head.value, occluded: !head.value.occluded, state: "accepted" });
  return boxAt(keysOf(head), frame) ? rekeyed(head, occludedFrom(keysOf(head), frame, !occludedAt(keysOf(head), frame))) : null;
}

export function lockToggled(head, yes) {
  const { locked, ...rest } = head.value;
  return change(head, yes ? { ...head.value, locked: true } : rest);
}

/** A keyframe at another frame, or null where that cannot be. */
export function keyMoved(head, from, to) {
  const keys = movedKey(keysOf(head), from, to);
  return keys && rekeyed(head, keys);
}

/** Two tracks of one: it ends before this frame, a new one begins here. Phrases stay with the first. Null at its ends. */
export function split(head, frame) {
  const parts = splitAt(keysOf(head), frame);
  if (!parts) return null;
  const [, last] = endsOf(keysOf(head)), { captions, ...value } = head.value, kept = stretchesIn(captions, frame, last);
  return [rekeyed(head, parts[0]), added("track", { ...withKeys(value, parts[1]), ...(kept.length ? { captions: kept } : {}), state: "accepted" })];
}

/**
 * Two tracks made one, the one chosen first: its box holds where both are seen. Its version replaces both, phrases of the
 * other point at it from then on. {changes, shared}: `shared` frames had two boxes.
 */
export function merge(doc, first, second) {
  const value = { ...first.value, caption: first.value.caption || second.value.caption || "", state: "accepted" };
  const captions = [...(first.value.captions || []), ...(second.value.captions || [])].sort((a, b) => a.start - b.start);
  const whole = withKeys({ ...value, ...(captions.length ? { captions } : {}) }, mergedKeys(keysOf(first), keysOf(second)));
  const phrases = doc.phrasesOf(second.object).map((phrase) => change(phrase, { ...phrase.value,
    targets: [...new Set(phrase.value.targets.map((target) => (target === second.object ? first.object : target)))] }));
  const kept = { ...change(first, whole), also: [second.object] };
  return { changes: [kept, change(second, null), ...phrases], shared: sharedFrames(keysOf(first), keysOf(second)) };
}

/** The caption of a stretch set anew: `before` is the one that goes, if any; `stretch` null only removes it. */
export function restretched(head, before, stretch) {
  const { captions = [], ...value } = head.value, left = captions.filter((other) => !before || other.start !== before.start || other.end !== before.end || other.text !== before.text);
  const now = [...left, ...(stretch ? [stretch] : [])].sort((a, b) => a.start - b.start || a.end - b.end);
  return change(head, { ...value, ...(now.length ? { captions: now } : {}), state: "accepted" });
}

/** The caption that holds at this frame: of the shortest stretch around it, or null. */
export function stretchAt(head, frame) {
  const around = (head.value.captions || []).filter((stretch) => stretch.start <= frame && frame <= stretch.end);
  return around.sort((a, b) => a.end - a.start - (b.end - b.start))[0] || null;
}

/** What this frame alone can lose: a keyframe of several. */
export const canUnkey = (head, frame) => keysOf(head).length > 1 && !!keyAt(keysOf(head), frame) && keysOf(head).some((key) => key.frame !== frame && !key.outside);
