// Keyframes: keyframes to boxes, by the same rule as grounding/data/tracks.py.
// A track is visible from its first to its last keyframe, moves linearly between two visible ones, keeps its box up to
// an outside keyframe, and is hidden from there until the next keyframe.

/**
 * @typedef {import("./types.js").Keyframe} Keyframe
 * @typedef {import("../kit/geometry.js").Box} Box
 */

/**
 * Index of the last keyframe at or before the frame, or -1.
 * @param {Keyframe[]} keys
 * @param {number} frame
 */
export function lastKeyframeIndex(keys, frame) {
  let low = 0, high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle].frame <= frame) low = middle + 1; else high = middle;
  }
  return low - 1;
}

/**
 * The box at a frame, or null where the object is not seen.
 * @param {Keyframe[]} keys
 * @param {number} frame
 * @returns {Box | null}
 */
export function boxAt(keys, frame) {
  const index = lastKeyframeIndex(keys, frame);
  if (index < 0 || keys[index].outside) return null;
  const key = keys[index], next = keys[index + 1];
  if (key.frame === frame) return key.box;
  if (!next) return null;
  if (next.outside) return key.box;
  const part = (frame - key.frame) / (next.frame - key.frame);
  return /** @type {Box} */ (key.box.map((x, i) => x + (next.box[i] - x) * part));
}

/**
 * The box of the keyframe nearest to the frame: where a hidden track was last, or will be.
 * @param {Keyframe[]} keys
 * @param {number} frame
 * @returns {Box | null}
 */
export function nearestBox(keys, frame) {
  if (!keys.length) return null;
  const index = lastKeyframeIndex(keys, frame), before = keys[Math.max(index, 0)], next = keys[index + 1];
  return next && next.frame - frame < Math.abs(frame - before.frame) ? next.box : before.box;
}

/**
 * @param {Keyframe[]} keys
 * @param {number} frame
 */
export function keyframeAt(keys, frame) {
  const key = keys[lastKeyframeIndex(keys, frame)];
  return key && key.frame === frame ? key : null;
}

/**
 * Whether the object is seen at this frame, but partly covered.
 * @param {Keyframe[]} keys
 * @param {number} frame
 */
export function occludedAt(keys, frame) {
  const key = keys[lastKeyframeIndex(keys, frame)];
  return !!key && !!key.occluded && boxAt(keys, frame) !== null;
}

/** @param {Keyframe[]} keys */
const sorted = (keys) => keys.slice().sort((a, b) => a.frame - b.frame);
/**
 * @param {Keyframe[]} keys
 * @param {number} frame
 */
const without = (keys, frame) => keys.filter((key) => key.frame !== frame);

/**
 * A keyframe set by a person; `occluded` is left out where it is not so.
 * @param {number} frame
 * @param {Box} box
 * @param {{outside?: boolean, occluded?: boolean}} options
 * @returns {Keyframe}
 */
export const manualKeyframe = (frame, box, { outside = false, occluded = false } = {}) => ({ frame, box, outside, ...(occluded ? { occluded } : {}), by: "person" });

/**
 * The keyframes with a visible one here; beyond the end of the track it grows up to this frame.
 * @param {Keyframe[]} keys
 * @param {number} frame
 * @param {Box} box
 */
export function withKeyframeBox(keys, frame, box) {
  return sorted([...without(keys, frame), manualKeyframe(frame, box, { occluded: occludedAt(keys, frame) })]);
}

/** The keyframes less the one at this frame. */
export const withoutKeyframeAt = without;

/**
 * Hidden from this frame up to the next keyframe, where it comes back.
 * @param {Keyframe[]} keys
 * @param {number} frame
 */
export function outsideFrom(keys, frame) {
  const box = boxAt(keys, frame) || nearestBox(keys, frame);
  return box ? sorted([...without(keys, frame), manualKeyframe(frame, box, { outside: true })]) : keys;
}

/**
 * Seen again from this frame on, where it was last.
 * @param {Keyframe[]} keys
 * @param {number} frame
 */
export const visibleFrom = (keys, frame) => withKeyframeBox(keys, frame, nearestBox(keys, frame));

/**
 * Covered, or no longer, from this frame up to the next keyframe.
 * @param {Keyframe[]} keys
 * @param {number} frame
 * @param {boolean} yes
 */
export function occludedFrom(keys, frame, yes) {
  const box = boxAt(keys, frame);
  return box ? sorted([...without(keys, frame), manualKeyframe(frame, box, { occluded: yes })]) : keys;
}

/**
 * The keyframe of one frame at another one; null where there is none, or the other frame has one already.
 * @param {Keyframe[]} keys
 * @param {number} from
 * @param {number} to
 */
export function moveKeyframeTo(keys, from, to) {
  const key = keyframeAt(keys, from);
  if (!key || to < 0 || (to !== from && keyframeAt(keys, to))) return null;
  return sorted([...without(keys, from), { ...key, frame: to, by: "person" }]);
}

/**
 * The frame of the next keyframe that a person set, or null: following again goes no further.
 * @param {Keyframe[]} keys
 * @param {number} frame
 */
export function nextManualKeyframe(keys, frame) {
  const key = keys.find((other) => other.frame > frame && other.by === "person");
  return key ? key.frame : null;
}

/**
 * Ended before this frame: nothing of the track is left from here on.
 * @param {Keyframe[]} keys
 * @param {number} frame
 */
export function endedAt(keys, frame) {
  const kept = keys.filter((key) => key.frame < frame);
  const before = boxAt(keys, frame - 1);
  if (before && (!kept.length || kept[kept.length - 1].frame < frame - 1)) kept.push({ frame: frame - 1, box: before, outside: false });
  return kept.some((key) => !key.outside) ? kept : [];
}

/**
 * The spans [first, last] of frames where the object is seen.
 * @param {Keyframe[]} keys
 */
export function visibleSpans(keys) {
  /** @type {[number, number][]} */
  const spans = [];
  keys.forEach((key, i) => {
    if (key.outside) return;
    const next = keys[i + 1], last = next ? next.frame - 1 : key.frame, tail = spans[spans.length - 1];
    if (tail && tail[1] === key.frame - 1) tail[1] = last; else spans.push([key.frame, last]);
  });
  return spans;
}

/**
 * The frame of the next (step 1) or previous (step -1) keyframe, or null.
 * @param {Keyframe[]} keys
 * @param {number} frame
 * @param {1 | -1} step
 */
export function neighbourKeyframe(keys, frame, step) {
  const index = lastKeyframeIndex(keys, frame);
  const found = step > 0 ? keys[index + 1] : keys[index >= 0 && keys[index].frame === frame ? index - 1 : index];
  return found ? found.frame : null;
}

/**
 * The first and the last frame of a track's life.
 * @param {Keyframe[]} keys
 */
export const frameRange = (keys) => [keys[0].frame, keys[keys.length - 1].frame];
