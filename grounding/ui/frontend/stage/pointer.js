// The pointer: mouse, pen and touch events on the stage become gestures.

import { containsPoint, handleAt, objectsAt } from "../kit/geometry.js";
import { draw, gather, grab, pan, pinch, resize, SLACK } from "./gestures.js";

/** @typedef {import("../editor/context.js").Context} Context */

const CURSORS = { nw: "nwse-resize", se: "nwse-resize", ne: "nesw-resize", sw: "nesw-resize", n: "ns-resize", s: "ns-resize", e: "ew-resize", w: "ew-resize" };

const reachOf = (event) => (event.pointerType === "touch" ? 20 : 9);

/** Listens on the element of the stage. */
export class Pointer {
  /**
   * @param {HTMLElement} stage
   * @param {Pick<Context, "session" | "view" | "actions">} context
   */
  constructor(stage, { session, view, actions }) {
    this.stage = stage;
    this.session = session;
    this.view = view;
    this.actions = actions;
    this.fingers = new Map();
    this.gesture = null;
    this.spaceHeld = false;
    this.at = null;
    const on = (name, work, options) => stage.addEventListener(name, work, options);
    on("pointerdown", (event) => this.down(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.up(event));
    on("pointercancel", (event) => this.cancelled(event));
    on("pointerleave", () => this.leave());
    on("wheel", (event) => this.wheel(event), { passive: false });
    on("dblclick", () => view.selectedObjects().length && view.tool === "select" && actions.pickLabel());
    on("contextmenu", (event) => event.preventDefault());
    on("auxclick", (event) => event.preventDefault());
  }

  point(event) {
    const frame = this.stage.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  }

  down(event) {
    if (event.target.closest && event.target.closest("[data-over]")) return;
    this.view.focus();
    const at = this.point(event);
    this.fingers.set(event.pointerId, at);
    this.stage.setPointerCapture(event.pointerId);
    if (this.fingers.size === 2) this.begin(pinch(this, this.fingers));
    else if (this.fingers.size === 1) this.begin(this.startGesture(event, at));
    event.preventDefault();
  }

  begin(gesture) {
    this.view.stage.hoverCard.show(null);
    if (this.gesture) this.gesture.cancel();
    this.gesture = gesture;
  }

  startGesture(event, at) {
    const { session, view } = this;
    if (event.button === 1 || this.spaceHeld) return pan(this, at);
    if (event.button > 0 || !session.doc) return null;
    const grip = this.handleUnder(event, at);
    if (grip) return resize(this, grip.object, grip.handle);
    if (view.tool === "draw" && session.doc) return draw(this, at);
    const held = view.selectedObjects().find((object) => containsPoint(object.box, view.viewport.toImage(at), SLACK / view.viewport.scale));
    if (held && !event.shiftKey) return session.checkEditable([held.annotation]) ? grab(this, at, view.selectedObjects().filter((object) => !session.isFixed(object.object))) : pan(this, at);
    return this.startSelecting(event, at);
  }

  startSelecting(event, at) {
    const { session, view } = this;
    const found = objectsAt(view.visibleObjects(), view.viewport.toImage(at), SLACK / view.viewport.scale);
    if (!found.length) return event.shiftKey ? gather(this, at) : pan(this, at, true);
    if (event.shiftKey) { session.toggleSelected(found[0].object); return null; }
    session.select([found[0].object]);
    return session.isFixed(found[0].object) ? null : grab(this, at, view.selectedObjects(), true);
  }

  handleUnder(event, at) {
    const chosen = this.view.selectedObjects();
    if (chosen.length !== 1 || this.session.isFixed(chosen[0].object)) return null;
    const object = chosen[0];
    const handle = handleAt(this.view.viewport.boxToStage(object.box), at, reachOf(event));
    return handle ? { object, handle } : null;
  }

  move(event) {
    const at = this.point(event);
    this.at = at;
    if (this.fingers.has(event.pointerId)) this.fingers.set(event.pointerId, at);
    if (this.gesture) this.gesture.move(at, event);
    else if (!this.fingers.size) this.hover(event, at);
    this.view.redrawOverlay();
  }

  hover(event, at) {
    const { session, view } = this;
    if (!session.doc) return;
    const grip = this.handleUnder(event, at);
    const found = view.tool === "draw" ? [] : objectsAt(view.visibleObjects(), view.viewport.toImage(at), SLACK / view.viewport.scale);
    view.hover(found.length ? found[0].object : null);
    view.stage.hoverCard.show(grip || this.spaceHeld ? null : view.hoveredId);
    this.stage.style.cursor = grip ? CURSORS[grip.handle] : this.spaceHeld ? "grab" : view.tool === "draw" ? "none" : found.length ? "move" : "default";
  }

  up(event) {
    this.fingers.delete(event.pointerId);
    const gesture = this.gesture;
    if (!gesture) return;
    if (gesture.fingers && this.fingers.size) return;
    this.gesture = null;
    gesture.end(this.point(event), event);
    this.view.redrawOverlay();
  }

  cancelled(event) {
    this.fingers.delete(event.pointerId);
    this.cancel();
  }

  leave() {
    this.at = null;
    if (!this.gesture) this.view.hover(null);
    this.view.stage.hoverCard.show(null);
    this.view.redrawOverlay();
  }

  /** Gives the gesture up and leaves everything as it was; answers whether there was one. */
  cancel() {
    if (!this.gesture) return false;
    this.gesture.cancel();
    this.gesture = null;
    this.view.redrawOverlay();
    return true;
  }

  setSpaceHeld(space) {
    this.spaceHeld = space;
    this.stage.style.cursor = space ? "grab" : this.view.tool === "draw" ? "none" : "default";
  }

  wheel(event) {
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    if (event.shiftKey && !event.ctrlKey) {
      this.view.viewport.pan(-(event.deltaX || event.deltaY) * unit, 0);
      return;
    }
    const step = Math.max(-240, Math.min(240, event.deltaY * unit));
    this.view.viewport.zoom(Math.exp(-step * (event.ctrlKey ? 0.01 : 0.0018)), this.point(event));
  }
}
