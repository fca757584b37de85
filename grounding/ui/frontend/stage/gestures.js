// Gestures: pan, pinch, draw, resize, drag and marquee. A gesture previews while it lasts and commits once, at its end.

import { area, clipBox, height, intersects, moveBox, objectsAt, resizeBox, width } from "../kit/geometry.js";

/**
 * @typedef {import("../editor/context.js").Context} Context
 * @typedef {import("../kit/geometry.js").Point} Point
 */

export const SLACK = 4;
const SLIP = 3;
const far = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

/** @param {Pick<Context, "session" | "view">} context */
export function pan({ session, view }, start, click = false) {
  let last = start, gone = 0;
  return {
    move(at) {
      gone = Math.max(gone, far(at, start));
      if (click && gone < SLIP) return;
      view.viewport.pan(at.x - last.x, at.y - last.y);
      last = at;
    },
    end() { if (click && gone < SLIP) session.select([]); },
    cancel() {},
  };
}

/** @param {Pick<Context, "view">} context */
export function pinch({ view }, fingers) {
  /** @returns {[Point, Point]} */
  const pair = () => { const [a, b] = fingers.values(); return [a, b]; };
  const middle = ([a, b]) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
  let apart = far(...pair()), center = middle(pair());
  return {
    fingers: true,
    move() {
      if (fingers.size < 2) return;
      const now = middle(pair()), span = Math.max(1, far(...pair()));
      view.viewport.pan(now.x - center.x, now.y - center.y);
      view.viewport.zoom(span / Math.max(1, apart), now);
      apart = span;
      center = now;
    },
    end() {},
    cancel() {},
  };
}

/** @param {Pick<Context, "session" | "view" | "actions">} context */
export function draw({ session, view, actions }, start) {
  const a = view.viewport.toImage(start);
  const boxTo = (at) => {
    const b = view.viewport.toImage(at);
    return clipBox([a.x, a.y, b.x, b.y], view.viewport.size);
  };
  return {
    move(at) { view.draftBox = far(at, start) > SLIP ? boxTo(at) : null; },
    end(at) {
      const box = boxTo(at);
      view.draftBox = null;
      const wide = Math.min(width(box), height(box)) * view.viewport.scale >= 3 && area(box) >= 1;
      if (wide) return actions.createObject(box);
      const found = objectsAt(view.visibleObjects(), view.viewport.toImage(start), SLACK / view.viewport.scale);
      return session.select(found.length ? [found[0].object] : []);
    },
    cancel() { view.draftBox = null; },
  };
}

/** @param {Pick<Context, "session" | "view" | "actions">} context */
export function resize(context, object, handle) {
  const { view } = context;
  const from = object.box;
  return {
    move(at) { view.previewBoxes.set(object.object, resizeBox(from, handle, view.viewport.toImage(at), view.viewport.size)); },
    end() { finish(context, (box) => area(box) >= 1); },
    cancel() { view.previewBoxes.clear(); },
  };
}

/**
 * Drags the chosen boxes; a click without a drag goes on to the next box below.
 * @param {Pick<Context, "session" | "view" | "actions">} context
 */
export function grab(context, start, objects, fresh = false) {
  const { view } = context;
  const a = view.viewport.toImage(start), from = new Map(objects.map((object) => [object.object, object.box]));
  let dragged = false;
  return {
    move(at) {
      dragged = dragged || far(at, start) >= SLIP;
      if (!dragged) return;
      const b = view.viewport.toImage(at);
      from.forEach((box, object) => view.previewBoxes.set(object, moveBox(box, b.x - a.x, b.y - a.y, view.viewport.size)));
    },
    end() {
      if (dragged) return finish(context, () => true);
      return fresh ? null : cycle(context, a);
    },
    cancel() { view.previewBoxes.clear(); },
  };
}

/** @param {Pick<Context, "session" | "view">} context */
function cycle({ session, view }, point) {
  const found = objectsAt(view.visibleObjects(), point, SLACK / view.viewport.scale);
  const now = found.findIndex((object) => object.object === session.selection[0]);
  if (found.length) session.select([found[(now + 1) % found.length].object]);
}

/** @param {Pick<Context, "view" | "actions">} context */
function finish({ view, actions }, sound) {
  const boxes = new Map([...view.previewBoxes].filter(([, box]) => sound(box)));
  view.previewBoxes.clear();
  if (boxes.size) actions.moveObjects(boxes);
}

/** @param {Pick<Context, "session" | "view">} context */
export function gather({ session, view }, start) {
  /** @type {(at: Point) => import("../kit/geometry.js").Box} */
  const corner = (at) => [Math.min(start.x, at.x), Math.min(start.y, at.y), Math.max(start.x, at.x), Math.max(start.y, at.y)];
  return {
    move(at) { view.marquee = corner(at); },
    end(at) {
      view.marquee = null;
      const [x0, y0, x1, y1] = corner(at);
      const a = view.viewport.toImage({ x: x0, y: y0 }), b = view.viewport.toImage({ x: x1, y: y1 });
      const inside = view.visibleObjects().filter((object) => intersects(object.box, [a.x, a.y, b.x, b.y]));
      session.select([...new Set([...session.selection, ...inside.map((object) => object.object)])]);
    },
    cancel() { view.marquee = null; },
  };
}
