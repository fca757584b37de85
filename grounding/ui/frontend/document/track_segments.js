// Track segments: a track as the spans of frames where it is visible, to split it, end it and merge it with another.

import { boxAt, frameRange, keyframeAt, lastKeyframeIndex } from "./keyframes.js";

/**
 * @typedef {import("./types.js").CaptionSpan} CaptionSpan
 * @typedef {import("./types.js").Keyframe} Keyframe
 * @typedef {import("./types.js").TrackValue} TrackValue
 * @typedef {import("../kit/geometry.js").Box} Box
 * @typedef {{first: number, last: number, keys: Keyframe[]}} Segment
 */

/**
 * @param {Box} a
 * @param {Box} b
 */
const sameBox = (a, b) => a.every((x, i) => x === b[i]);

/**
 * The keyframe at this frame, or one made for it that changes nothing.
 * @param {Keyframe[]} keys
 * @param {number} frame
 * @returns {Keyframe}
 */
function keyFor(keys, frame) {
  const there = keyframeAt(keys, frame);
  if (there) return there;
  const before = keys[lastKeyframeIndex(keys, frame)];
  return { frame, box: boxAt(keys, frame), outside: false, ...(before.occluded ? { occluded: true } : {}) };
}

/**
 * [{first, last, keys}]: the spans of frames where the object is seen; `keys` hold the first frame and the last one too.
 * @param {Keyframe[]} keys
 */
export function trackSegments(keys) {
  /** @type {Segment[]} */
  const pieces = [];
  /** @type {{first: number, keys: Keyframe[]} | null} */
  let open = null;
  keys.forEach((key, i) => {
    if (!key.outside) open = open || { first: key.frame, keys: [] };
    if (!key.outside) open.keys.push(key);
    const next = keys[i + 1];
    if (!open || (next && !next.outside)) return;
    const last = next && next.outside ? next.frame - 1 : key.frame;
    if (last > key.frame) open.keys.push(keyFor(keys, last));
    pieces.push({ first: open.first, last, keys: open.keys });
    open = null;
  });
  return pieces;
}

/**
 * What of a piece lies in the frames from `first` to `last`, or null.
 * @param {Segment} piece
 * @param {number} first
 * @param {number} last
 * @returns {Segment | null}
 */
function cropped(piece, first, last) {
  const from = Math.max(piece.first, first), to = Math.min(piece.last, last);
  if (from > to) return null;
  const inner = piece.keys.filter((key) => key.frame > from && key.frame < to);
  return { first: from, last: to, keys: [keyFor(piece.keys, from), ...inner, ...(to > from ? [keyFor(piece.keys, to)] : [])] };
}

/**
 * The pieces less the frames that others take.
 * @param {Segment[]} pieces
 * @param {Segment[]} taken
 */
function outsideOf(pieces, taken) {
  return taken.reduce((left, other) => left.flatMap((piece) => [cropped(piece, -Infinity, other.first - 1), cropped(piece, other.last + 1, Infinity)].filter(Boolean)), pieces);
}

/**
 * Keyframes that are seen exactly in these pieces.
 * @param {Segment[]} pieces
 */
export function keyframesOf(pieces) {
  const ordered = pieces.slice().sort((a, b) => a.first - b.first);
  /** @type {Keyframe[]} */
  const keys = [];
  ordered.forEach((piece, i) => {
    const next = ordered[i + 1], held = piece.keys[piece.keys.length - 2], last = piece.keys[piece.keys.length - 1];
    const gap = next && next.first > piece.last + 1;
    const idle = gap && held && sameBox(held.box, last.box) && !last.by && !!held.occluded === !!last.occluded;
    keys.push(...(idle ? piece.keys.slice(0, -1) : piece.keys));
    if (gap) keys.push({ frame: piece.last + 1, box: last.box, outside: true });
  });
  return keys;
}

/**
 * @param {Keyframe[]} keys
 * @param {number} first
 * @param {number} last
 */
const within = (keys, first, last) => keyframesOf(trackSegments(keys).map((piece) => cropped(piece, first, last)).filter(Boolean));

/**
 * The keyframes before this frame and from it on; null where one part would be empty.
 * @param {Keyframe[]} keys
 * @param {number} frame
 */
export function splitKeyframes(keys, frame) {
  const parts = [within(keys, -Infinity, frame - 1), within(keys, frame, Infinity)];
  return parts.every((part) => part.length) ? parts : null;
}

/**
 * One track of two: where both are seen the first one's box holds, elsewhere whichever is seen.
 * @param {Keyframe[]} first
 * @param {Keyframe[]} second
 */
export function mergeKeyframes(first, second) {
  const mine = trackSegments(first);
  return keyframesOf([...mine, ...outsideOf(trackSegments(second), mine)]);
}

/**
 * How many frames both are seen in.
 * @param {Keyframe[]} a
 * @param {Keyframe[]} b
 */
export function sharedFrames(a, b) {
  const others = trackSegments(b);
  return trackSegments(a).reduce((sum, piece) => sum + others.reduce((n, other) => n + Math.max(0, Math.min(piece.last, other.last) - Math.max(piece.first, other.first) + 1), 0), 0);
}

/**
 * The captions of spans that reach into these frames, cut to them.
 * @param {CaptionSpan[] | undefined} spans
 * @param {number} first
 * @param {number} last
 */
export function captionsWithin(spans, first, last) {
  return (spans || []).map((span) => ({ ...span, start: Math.max(span.start, first), end: Math.min(span.end, last) })).filter((span) => span.start <= span.end);
}

/**
 * A track's value with other keyframes; captions of spans stay where it still lives.
 * @param {TrackValue} value
 * @param {Keyframe[]} keys
 */
export function withKeyframesTrimmed(value, keys) {
  const { captions, ...rest } = value, [first, last] = frameRange(keys), kept = captionsWithin(captions, first, last);
  return { ...rest, keyframes: keys, ...(kept.length ? { captions: kept } : {}) };
}
