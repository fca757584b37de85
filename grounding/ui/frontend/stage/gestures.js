// Gestures: pan, pinch, draw, resize, drag and marquee. A gesture previews while it lasts and commits once, at its end.

import { area, clipBox, height, intersects, moveBox, objectsAt, resizeBox, width } from "../kit/geometry.js";

export const SLACK = 4;
const SLIP = 3;
const far = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

export function pan(ed, start, click = false) {
  let last = start, gone = 0;
  return {
    move(at) {
      gone = Math.max(gone, far(at, start));
      if (click && gone < SLIP) return;
      ed.viewport.pan(at.x - last.x, at.y - last.y);
      last = at;
    },
    end() { if (click && gone < SLIP) ed.select([]); },
    cancel() {},
  };
}

export function pinch(ed, fingers) {
  const pair = () => [...fingers.values()];
  const middle = ([a, b]) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
  let apart = far(...pair()), center = middle(pair());
  return {
    fingers: true,
    move() {
      if (fingers.size < 2) return;
      const now = middle(pair()), span = Math.max(1, far(...pair()));
      ed.viewport.pan(now.x - center.x, now.y - center.y);
      ed.viewport.zoom(span / Math.max(1, apart), now);
      apart = span;
      center = now;
    },
    end() {},
    cancel() {},
  };
}

export function draw(ed, start) {
  const a = ed.viewport.toImage(start);
  const boxTo = (at) => {
    const b = ed.viewport.toImage(at);
    return clipBox([a.x, a.y, b.x, b.y], ed.viewport.size);
  };
  return {
    move(at) { ed.draftBox = far(at, start) > SLIP ? boxTo(at) : null; },
    end(at) {
      const box = boxTo(at);
      ed.draftBox = null;
      const wide = Math.min(width(box), height(box)) * ed.viewport.scale >= 3 && area(box) >= 1;
      if (wide) return ed.createObject(box);
      const found = objectsAt(ed.visibleObjects(), ed.viewport.toImage(start), SLACK / ed.viewport.scale);
      return ed.select(found.length ? [found[0].object] : []);
    },
    cancel() { ed.draftBox = null; },
  };
}

export function resize(ed, thing, handle) {
  const from = thing.box;
  return {
    move(at) { ed.previewBoxes.set(thing.object, resizeBox(from, handle, ed.viewport.toImage(at), ed.viewport.size)); },
    end() { finish(ed, (box) => area(box) >= 1); },
    cancel() { ed.previewBoxes.clear(); },
  };
}

/** Drags the chosen boxes; a click without a drag goes on to the next box below. */
export function grab(ed, start, things, fresh = false) {
  const a = ed.viewport.toImage(start), from = new Map(things.map((thing) => [thing.object, thing.box]));
  let dragged = false;
  return {
    move(at) {
      dragged = dragged || far(at, start) >= SLIP;
      if (!dragged) return;
      const b = ed.viewport.toImage(at);
      from.forEach((box, object) => ed.previewBoxes.set(object, moveBox(box, b.x - a.x, b.y - a.y, ed.viewport.size)));
    },
    end() {
      if (dragged) return finish(ed, () => true);
      return fresh ? null : cycle(ed, a);
    },
    cancel() { ed.previewBoxes.clear(); },
  };
}

function cycle(ed, point) {
  const found = objectsAt(ed.visibleObjects(), point, SLACK / ed.viewport.scale);
  const now = found.findIndex((thing) => thing.object === ed.selection[0]);
  if (found.length) ed.select([found[(now + 1) % found.length].object]);
}

function finish(ed, sound) {
  const boxes = new Map([...ed.previewBoxes].filter(([, box]) => sound(box)));
  ed.previewBoxes.clear();
  if (boxes.size) ed.moveObjects(boxes);
}

export function gather(ed, start) {
  const corner = (at) => [Math.min(start.x, at.x), Math.min(start.y, at.y), Math.max(start.x, at.x), Math.max(start.y, at.y)];
  return {
    move(at) { ed.marquee = corner(at); },
    end(at) {
      ed.marquee = null;
      const [x0, y0, x1, y1] = corner(at);
      const a = ed.viewport.toImage({ x: x0, y: y0 }), b = ed.viewport.toImage({ x: x1, y: y1 });
      const inside = ed.visibleObjects().filter((thing) => intersects(thing.box, [a.x, a.y, b.x, b.y]));
      ed.select([...new Set([...ed.selection, ...inside.map((thing) => thing.object)])]);
    },
    cancel() { ed.marquee = null; },
  };
}
