// Geometry: boxes as [x0, y0, x1, y1] in pixels of the upright picture, and nothing that draws.

/**
 * @typedef {[number, number, number, number]} Box  x0, y0, x1, y1
 * @typedef {{x: number, y: number}} Point
 * @typedef {{width: number, height: number}} Size
 */

export const HANDLES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];

/** @param {Box} box */
export const width = (box) => box[2] - box[0];
/** @param {Box} box */
export const height = (box) => box[3] - box[1];
/** @param {Box} box */
export const area = (box) => Math.max(0, width(box)) * Math.max(0, height(box));

/**
 * Corners in order: x0 <= x1 and y0 <= y1.
 * @param {Box} box
 * @returns {Box}
 */
export function sortCorners(box) {
  return [Math.min(box[0], box[2]), Math.min(box[1], box[3]), Math.max(box[0], box[2]), Math.max(box[1], box[3])];
}

/** @type {(x: number, low: number, high: number) => number} */
const between = (x, low, high) => Math.min(Math.max(x, low), high);

/**
 * The part of the box inside a picture of {width, height}.
 * @param {Box} box
 * @param {Size} size
 * @returns {Box}
 */
export function clipBox(box, size) {
  const b = sortCorners(box);
  return [between(b[0], 0, size.width), between(b[1], 0, size.height), between(b[2], 0, size.width), between(b[3], 0, size.height)];
}

/**
 * The box moved by (dx, dy) as far as the picture allows; its width and height stay.
 * @param {Box} box
 * @param {number} dx
 * @param {number} dy
 * @param {Size} size
 * @returns {Box}
 */
export function moveBox(box, dx, dy, size) {
  const right = Math.max(0, size.width - width(box)), bottom = Math.max(0, size.height - height(box));
  const x = between(box[0] + dx, 0, right), y = between(box[1] + dy, 0, bottom);
  return [x, y, x + width(box), y + height(box)];
}

/**
 * The box with the side or corner `handle` at the point; sides may cross.
 * @param {Box} box
 * @param {string} handle
 * @param {Point} point
 * @param {Size} size
 */
export function resizeBox(box, handle, point, size) {
  const b = /** @type {Box} */ (box.slice());
  if (handle.includes("w")) b[0] = point.x;
  if (handle.includes("e")) b[2] = point.x;
  if (handle.includes("n")) b[1] = point.y;
  if (handle.includes("s")) b[3] = point.y;
  return clipBox(b, size);
}

/**
 * Where a handle sits.
 * @param {Box} box
 * @param {string} handle
 * @returns {Point}
 */
export function handlePoint(box, handle) {
  const x = handle.includes("w") ? box[0] : handle.includes("e") ? box[2] : (box[0] + box[2]) / 2;
  const y = handle.includes("n") ? box[1] : handle.includes("s") ? box[3] : (box[1] + box[3]) / 2;
  return { x, y };
}

/**
 * The handle within `reach` pixels of the point, corners before sides; null if none.
 * @param {Box} box
 * @param {Point} point
 * @param {number} reach
 */
export function handleAt(box, point, reach) {
  const order = ["nw", "ne", "se", "sw", "n", "e", "s", "w"];
  /** @type {string | null} */
  let best = null;
  let least = reach;
  for (const name of order) {
    const at = handlePoint(box, name);
    const far = Math.max(Math.abs(at.x - point.x), Math.abs(at.y - point.y));
    if (far <= least - (best ? 1e-9 : 0)) { best = name; least = far; }
  }
  return best;
}

/**
 * @param {Box} box
 * @param {Point} point
 */
export function containsPoint(box, point, slack = 0) {
  return point.x >= box[0] - slack && point.x <= box[2] + slack && point.y >= box[1] - slack && point.y <= box[3] + slack;
}

/**
 * Every {box, ...} under the point, smallest first: the order in which repeated clicks go through them.
 * @template {{box: Box}} T
 * @param {T[]} objects
 * @param {Point} point
 * @returns {T[]}
 */
export function objectsAt(objects, point, slack = 0) {
  return objects.filter((object) => containsPoint(object.box, point, slack)).sort((a, b) => area(a.box) - area(b.box));
}

/**
 * Intersection over union, in [0, 1]; 0 where both areas are 0.
 * @param {Box} a
 * @param {Box} b
 */
export function iou(a, b) {
  const w = Math.min(a[2], b[2]) - Math.max(a[0], b[0]), h = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (w <= 0 || h <= 0) return 0;
  return (w * h) / (area(a) + area(b) - w * h);
}

/** @type {(a: Box, b: Box) => boolean} */
export const intersects = (a, b) => a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1];

/**
 * Rounded to 1/100 pixel: what is stored.
 * @param {Box} box
 */
export const roundBox = (box) => /** @type {Box} */ (box.map((x) => Math.round(x * 100) / 100));
