// Tools: what the mouse, the pen and fingers do on the picture. A gesture previews while it lasts and commits once, at its end.

import { area, containsPoint, clipBox, handleAt, height, intersects, moveBox, resizeBox, objectsAt, width } from "../kit/geometry.js";

const SLACK = 4, SLIP = 3;
const CURSORS = { nw: "nwse-resize", se: "nwse-resize", ne: "nesw-resize", sw: "nesw-resize", n: "ns-resize", s: "ns-resize", e: "ew-resize", w: "ew-resize" };

const reachOf = (event) => (event.pointerType === "touch" ? 20 : 9);
const far = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

/**
 * Listens on `stage`. `ed` is the editor: view, tool, things(), chosen(), preview (Map object -> box), draft, marquee,
 * select(objects), place(Map object -> box), create(box), touch() to redraw what moves.
 */
export class Pointer {
  constructor(stage, ed) {
    Object.assign(this, { stage, ed, fingers: new Map(), gesture: null, spaceHeld: false, at: null });
    const on = (name, work, options) => stage.addEventListener(name, work, options);
    on("pointerdown", (event) => this.down(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.up(event));
    on("pointercancel", (event) => this.lost(event));
    on("pointerleave", () => this.leave());
    on("wheel", (event) => this.wheel(event), { passive: false });
    on("dblclick", () => ed.selectedObjects().length && ed.tool === "select" && ed.pickLabel());
    on("contextmenu", (event) => event.preventDefault());
    on("auxclick", (event) => event.preventDefault());
  }

  point(event) {
    const frame = this.stage.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  }

  down(event) {
    if (event.target.closest && event.target.closest("[data-over]")) return;
    this.ed.focus();
    const at = this.point(event);
    this.fingers.set(event.pointerId, at);
    this.stage.setPointerCapture(event.pointerId);
    if (this.fingers.size === 2) this.begin(pinch(this.ed, this.fingers));
    else if (this.fingers.size === 1) this.begin(this.choose(event, at));
    event.preventDefault();
  }

  begin(gesture) {
    this.ed.stage.beside.show(null);
    if (this.gesture) this.gesture.cancel();
    this.gesture = gesture;
  }

  choose(event, at) {
    const { ed } = this;
    if (event.button === 1 || this.spaceHeld) return pan(ed, at);
    if (event.button > 0 || !ed.doc) return null;
    const grip = this.grip(event, at);
    if (grip) return resize(ed, grip.thing, grip.handle);
    if (ed.tool === "draw" && ed.doc) return draw(ed, at);
    const held = ed.selectedObjects().find((thing) => containsPoint(thing.box, ed.viewport.toImage(at), SLACK / ed.viewport.scale));
    if (held && !event.shiftKey) return ed.checkEditable([held.head]) ? grab(ed, at, ed.selectedObjects().filter((thing) => !ed.isFixed(thing.object))) : pan(ed, at);
    return this.pick(event, at);
  }

  pick(event, at) {
    const { ed } = this;
    const found = objectsAt(ed.visibleObjects(), ed.viewport.toImage(at), SLACK / ed.viewport.scale);
    if (!found.length) return event.shiftKey ? gather(ed, at) : pan(ed, at, true);
    if (event.shiftKey) { ed.toggleSelected(found[0].object); return null; }
    ed.select([found[0].object]);
    return ed.isFixed(found[0].object) ? null : grab(ed, at, ed.selectedObjects(), true);
  }

  grip(event, at) {
    const chosen = this.ed.selectedObjects();
    if (chosen.length !== 1 || this.ed.isFixed(chosen[0].object)) return null;
    const { viewport: view } = this.ed, thing = chosen[0];
    const handle = handleAt(view.boxToStage(thing.box), at, reachOf(event));
    return handle ? { thing, handle } : null;
  }

  move(event) {
    const at = this.point(event);
    this.at = at;
    if (this.fingers.has(event.pointerId)) this.fingers.set(event.pointerId, at);
    if (this.gesture) this.gesture.move(at, event);
    else if (!this.fingers.size) this.hover(event, at);
    this.ed.redrawOverlay();
  }

  hover(event, at) {
    const { ed } = this;
    if (!ed.doc) return;
    const grip = this.grip(event, at);
    const found = ed.tool === "draw" ? [] : objectsAt(ed.visibleObjects(), ed.viewport.toImage(at), SLACK / ed.viewport.scale);
    ed.hover(found.length ? found[0].object : null);
    ed.stage.beside.show(grip || this.spaceHeld ? null : ed.hoveredId);
    this.stage.style.cursor = grip ? CURSORS[grip.handle] : this.spaceHeld ? "grab" : ed.tool === "draw" ? "none" : found.length ? "move" : "default";
  }

  up(event) {
    this.fingers.delete(event.pointerId);
    const gesture = this.gesture;
    if (!gesture) return;
    if (gesture.fingers && this.fingers.size) return;
    this.gesture = null;
    gesture.end(this.point(event), event);
    this.ed.redrawOverlay();
  }

  lost(event) {
    this.fingers.delete(event.pointerId);
    this.cancel();
  }

  leave() {
    this.at = null;
    if (!this.gesture) this.ed.hover(null);
    this.ed.stage.beside.show(null);
    this.ed.redrawOverlay();
  }

  /** Gives the gesture up and leaves everything as it was; answers whether there was one. */
  cancel() {
    if (!this.gesture) return false;
    this.gesture.cancel();
    this.gesture = null;
    this.ed.redrawOverlay();
    return true;
  }

  hold(space) {
    this.spaceHeld = space;
    this.stage.style.cursor = space ? "grab" : this.ed.tool === "draw" ? "none" : "default";
  }

  wheel(event) {
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    if (event.shiftKey && !event.ctrlKey) {
      this.ed.viewport.pan(-(event.deltaX || event.deltaY) * unit, 0);
      return;
    }
    const step = Math.max(-240, Math.min(240, event.deltaY * unit));
    this.ed.viewport.zoom(Math.exp(-step * (event.ctrlKey ? 0.01 : 0.0018)), this.point(event));
  }
}

function pan(ed, start, click = false) {
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

function pinch(ed, fingers) {
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

function draw(ed, start) {
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

function resize(ed, thing, handle) {
  const from = thing.box;
  return {
    move(at) { ed.previewBoxes.set(thing.object, resizeBox(from, handle, ed.viewport.toImage(at), ed.viewport.size)); },
    end() { finish(ed, (box) => area(box) >= 1); },
    cancel() { ed.previewBoxes.clear(); },
  };
}

/** Drags the chosen boxes; a click without a drag goes on to the next box below. */
function grab(ed, start, things, fresh = false) {
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

function gather(ed, start) {
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
