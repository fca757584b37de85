// The pointer: mouse, pen and touch events on the stage become gestures.

import { containsPoint, handleAt, objectsAt } from "../kit/geometry.js";
import { draw, gather, grab, pan, pinch, resize, SLACK } from "./gestures.js";

const CURSORS = { nw: "nwse-resize", se: "nwse-resize", ne: "nesw-resize", sw: "nesw-resize", n: "ns-resize", s: "ns-resize", e: "ew-resize", w: "ew-resize" };

const reachOf = (event) => (event.pointerType === "touch" ? 20 : 9);

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
