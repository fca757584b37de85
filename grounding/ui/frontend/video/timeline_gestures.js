// Timeline gestures: scrub, select a row, drag a keyframe in time, resize a caption span, scroll and zoom the time.

import { moveKeyframe, withCaptionSpan } from "../document/track_edits.js";
import { GUTTER, visibleKeyframes } from "./time_scale.js";
import { BAR, ROW, RULER } from "./timeline_rows.js";

/** @typedef {import("../editor/context.js").Context} Context */

const REACH = 7, EDGE = 6, SLIP = 3;

export class TimelineGestures {
  /**
   * @param {import("./timeline.js").Timeline} timeline
   * @param {Pick<Context, "session" | "view" | "actions" | "commands" | "parts">} context
   */
  constructor(timeline, { session, view, actions, commands, parts }) {
    this.timeline = timeline;
    this.session = session;
    this.view = view;
    this.actions = actions;
    this.commands = commands;
    this.parts = parts;
    /** @type {{move: Function, end: Function, cancel: Function} | null} */
    this.gesture = null;
    const on = (name, work, options) => timeline.rowsBox.addEventListener(name, work, options);
    on("pointerdown", (event) => this.down(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.up(event));
    on("pointercancel", () => this.cancel());
    on("dblclick", (event) => this.twice(event));
    on("wheel", (event) => this.wheel(event), { passive: false });
  }

  at(event) {
    const frame = this.timeline.rowsBox.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  }

  down(event) {
    if (event.button || event.target.closest("button, input")) return;
    const { timeline } = this, point = this.at(event);
    timeline.rowsBox.setPointerCapture(event.pointerId);
    timeline.rowsBox.focus({ preventScroll: true });
    event.preventDefault();
    const found = this.targetAt(point), annotation = timeline.rowAt(point.y);
    if (annotation && point.x <= GUTTER) this.select(annotation, event);
    else if (found && found.key) this.gesture = keyDrag(this, found.annotation, found.key, point);
    else if (found && found.edge) this.gesture = spanDrag(this, found, point);
    else {
      if (annotation) this.select(annotation, event);
      this.gesture = scrubbing(this);
    }
    if (this.gesture) this.gesture.move(point);
  }

  select(annotation, event) {
    if (event.shiftKey || event.ctrlKey || event.metaKey) this.session.toggleSelected(annotation.object);
    else if (this.session.selection.length !== 1 || this.session.selection[0] !== annotation.object) this.session.select([annotation.object], { stay: true });
  }

  /** What of a row is under the pointer: a keyframe, or a caption and which end of it. */
  targetAt({ x, y }) {
    const { timeline } = this, annotation = timeline.rowAt(y);
    if (!annotation || x <= GUTTER) return null;
    const within = y - timeline.yOf(annotation.object), { scale } = timeline;
    if (Math.abs(within - BAR) <= REACH + 1) {
      const reach = REACH / scale.step, frame = scale.frameAt(x), near = visibleKeyframes(timeline.keysOf(annotation), [frame - Math.ceil(reach) - 1, frame + Math.ceil(reach) + 1], scale.step);
      const key = near.sort((a, b) => Math.abs(scale.xOf(a.frame) - x) - Math.abs(scale.xOf(b.frame) - x))[0];
      return key && Math.abs(scale.xOf(key.frame) - x) <= REACH ? { annotation, key, span: null, edge: null } : null;
    }
    const span = within < ROW / 2 && (annotation.value.captions || []).find((one) => x >= scale.xOf(one.start) - EDGE && x <= scale.xOf(one.end) + EDGE);
    if (!span) return null;
    const edge = Math.abs(x - scale.xOf(span.end)) <= EDGE ? "end" : Math.abs(x - scale.xOf(span.start)) <= EDGE ? "start" : null;
    return { annotation, key: null, span, edge };
  }

  move(event) {
    const point = this.at(event);
    if (this.gesture) { this.gesture.move(point); return; }
    const found = this.targetAt(point);
    this.timeline.rowsBox.style.cursor = found && (found.key || found.edge) ? "ew-resize" : "";
    this.timeline.rowsBox.title = found && found.key ? keyWords(found.key) : found && found.span ? `${found.span.text} (frames ${found.span.start} to ${found.span.end}; double-click to edit)` : "";
  }

  up(event) {
    const { gesture } = this;
    this.gesture = null;
    if (gesture) gesture.end(this.at(event));
  }

  /** Gives the drag up; answers whether there was one. */
  cancel() {
    const { gesture } = this;
    this.gesture = null;
    if (gesture) gesture.cancel();
    return !!gesture;
  }

  twice(event) {
    const point = this.at(event), found = this.targetAt(point), annotation = this.timeline.rowAt(point.y);
    if (!annotation) return;
    if (found && found.span) this.parts.captionSpans.edit(annotation, found.span);
    else this.commands.run("edit");
  }

  wheel(event) {
    event.preventDefault();
    const { timeline } = this, { scale } = timeline;
    if (event.ctrlKey || event.metaKey) { timeline.zoom(Math.exp(-event.deltaY * 0.003), scale.frameAt(this.at(event).x)); return; }
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) scale.left += (event.deltaX || event.deltaY) / scale.step;
    else timeline.scrollTop += event.deltaY;
    timeline.refresh();
  }
}

const keyWords = (key) => `Keyframe at ${key.frame}, ${key.outside ? "hidden from here" : key.occluded ? "covered from here" : `set by ${key.by === "person" ? "a person" : "a model"}`}; drag it in time`;

/** @param {Pick<Context, "view"> & {timeline: import("./timeline.js").Timeline}} context */
function scrubbing({ view, timeline }) {
  return {
    move(point) {
      if (point.x < GUTTER && point.y > RULER) return;
      view.player.stop();
      view.seek(timeline.scale.frameAt(point.x));
    },
    end() {},
    cancel() {},
  };
}

/**
 * A keyframe goes along with the pointer; let go where it was, it is only looked at.
 * @param {Pick<Context, "session" | "view" | "actions"> & {timeline: import("./timeline.js").Timeline}} context
 */
function keyDrag({ session, view, actions, timeline }, annotation, key, start) {
  let to = key.frame, begun = false;
  session.select([annotation.object], { stay: true });
  return {
    move(point) {
      begun = begun || Math.abs(point.x - start.x) >= SLIP;
      if (!begun || !session.checkEditable([annotation])) return;
      to = timeline.scale.frameAt(point.x);
      timeline.draggedKeyframe = { object: annotation.object, from: key.frame, to };
      view.player.stop();
      view.seek(to);
      timeline.refresh();
    },
    end() {
      timeline.draggedKeyframe = null;
      const now = session.doc.get(annotation.object);
      if (!begun || to === key.frame) view.seek(key.frame);
      else actions.moveKeyframe(to, moveKeyframe(now, key.frame, to));
      timeline.refresh();
    },
    cancel() { timeline.draggedKeyframe = null; timeline.refresh(); },
  };
}

/** @param {Pick<Context, "session" | "view"> & {timeline: import("./timeline.js").Timeline}} context */
function spanDrag({ session, view, timeline }, { annotation, span, edge }, start) {
  let now = span, begun = false;
  session.select([annotation.object], { stay: true });
  return {
    move(point) {
      begun = begun || Math.abs(point.x - start.x) >= SLIP;
      if (!begun || !session.checkEditable([annotation])) return;
      const frame = timeline.scale.frameAt(point.x);
      now = edge === "start" ? { ...span, start: Math.min(frame, span.end) } : { ...span, end: Math.max(frame, span.start) };
      timeline.draggedSpan = { object: annotation.object, before: span, now };
      view.seek(edge === "start" ? now.start : now.end);
      timeline.refresh();
    },
    end() {
      timeline.draggedSpan = null;
      const current = session.doc.get(annotation.object);
      if (now !== span && current) session.commit([withCaptionSpan(current, span, now)], "caption's stretch");
      timeline.refresh();
    },
    cancel() { timeline.draggedSpan = null; timeline.refresh(); },
  };
}
