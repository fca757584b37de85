// Geometry: boxes as [x0, y0, x1, y1] in pixels of the upright picture, and nothing that draws.

export const HANDLES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];

export const width = (box) => box[2] - box[0];
export const height = (box) => box[3] - box[1];
export const area = (box) => Math.max(0, width(box)) * Math.max(0, height(box));

/** Corners in order: x0 <= x1 and y0 <= y1. */
export function sortCorners(box) {
  return [Math.min(box[0], box[2]), Math.min(box[1], box[3]), Math.max(box[0], box[2]), Math.max(box[1], box[3])];
}

const between = (x, low, high) => Math.min(Math.max(x, low), high);

/** The part of the box inside a picture of {width, height}. */
export function clipBox(box, size) {
  const b = sortCorners(box);
  return [between(b[0], 0, size.width), between(b[1], 0, size.height), between(b[2], 0, size.width), between(b[3], 0, size.height)];
}

/** The box moved by (dx, dy) as far as the picture allows; its width and height stay. */
export function moveBox(box, dx, dy, size) {
  const right = Math.max(0, size.width - width(box)), bottom = Math.max(0, size.height - height(box));
  const x = between(box[0] + dx, 0, right), y = between(box[1] + dy, 0, bottom);
  return [x, y, x + width(box), y + height(box)];
}

/** The box with the side or corner `handle` at the point; sides may cross. */
export function resizeBox(box, handle, point, size) {
  const b = box.slice();
  if (handle.includes("w")) b[0] = point.x;
  if (handle.includes("e")) b[2] = point.x;
  if (handle.includes("n")) b[1] = point.y;
  if (handle.includes("s")) b[3] = point.y;
  return clipBox(b, size);
}

/** Where a handle sits, as {x, y}. */
export function handlePoint(box, handle) {
  const x = handle.includes("w") ? box[0] : handle.includes("e") ? box[2] : (box[0] + box[2]) / 2;
  const y = handle.includes("n") ? box[1] : handle.includes("s") ? box[3] : (box[1] + box[3]) / 2;
  return { x, y };
}

/** The handle within `reach` pixels of the point, corners before sides; null if none. */
export function handleAt(box, point, reach) {
  const order = ["nw", "ne", "se", "sw", "n", "e", "s", "w"];
  let best = null, least = reach;
  for (const name of order) {
    const at = handlePoint(box, name);
    const far = Math.max(Math.abs(at.x - point.x), Math.abs(at.y - point.y));
    if (far <= least - (best ? 1e-9 : 0)) { best = name; least = far; }
  }
  return best;
}

export function containsPoint(box, point, slack = 0) {
  return point.x >= box[0] - slack && point.x <= box[2] + slack && point.y >= box[1] - slack && point.y <= box[3] + slack;
}

/** Every {id, box} under the point, smallest first: the order in which repeated clicks go through them. */
export function objectsAt(things, point, slack = 0) {
  return things.filter((thing) => containsPoint(thing.box, point, slack)).sort((a, b) => area(a.box) - area(b.box));
}

/** Intersection over union, in [0, 1]; 0 where both areas are 0. */
export function iou(a, b) {
  const w = Math.min(a[2], b[2]) - Math.max(a[0], b[0]), h = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (w <= 0 || h <= 0) return 0;
  return (w * h) / (area(a) + area(b) - w * h);
}

export const intersects = (a, b) => a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1];

/** Rounded to 1/100 pixel: what is stored. */
export const roundBox = (box) => box.map((x) => Math.round(x * 100) / 100);
