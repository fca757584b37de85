// The timeline of a video: one row a track with its visible spans, keyframes and captions; the playhead; the buttons.

import { keyframeAt, moveKeyframeTo, occludedAt } from "../document/keyframes.js";
import { button, createElement } from "../kit/elements.js";
import { oncePerFrame } from "../kit/scheduling.js";
import { fitCanvas } from "../stage/box_drawing.js";
import { TimeScale } from "./time_scale.js";
import { TimelineGestures } from "./timeline_gestures.js";
import { drawPlayhead, drawRow, drawRuler, ROW, RULER, themeColors } from "./timeline_rows.js";

/** @typedef {import("../editor/context.js").Context} Context */

export class Timeline {
  /** @param {Context} context */
  constructor(context) {
    const { session, view, commands, parts } = context;
    this.session = session;
    this.view = view;
    this.commands = commands;
    this.parts = parts;
    this.scale = new TimeScale();
    this.scrollTop = 0;
    this.rows = [];
    this.draggedKeyframe = null;
    this.draggedSpan = null;
    this.stale = true;
    this.rowsLayer = createElement("canvas", { class: "dx-layer" });
    this.overlayLayer = createElement("canvas", { class: "dx-layer" });
    const key = (text) => createElement("kbd", {}, [text]);
    this.empty = createElement("p", { class: "dx-timeline-rows-empty", hidden: true }, [createElement("b", {}, ["No tracks yet."]), createElement("br"),
      "Press ", key("R"), " and drag a box on a frame; ", key("T"), " then follows it through the film.", createElement("br"), key("Alt"), " ", key("T"), " finds and follows everything."]);
    this.overlay = createElement("div", { class: "dx-row-overlay" }, [this.empty]);
    this.rowsBox = createElement("div", { class: "dx-timeline-rows", role: "slider", tabindex: "0", "aria-label": "Frame", "aria-valuemin": "0" }, [this.rowsLayer, this.overlayLayer, this.overlay]);
    this.root = createElement("section", { class: "dx-timeline", "aria-label": "Timeline", hidden: true }, [this.bar(), this.rowsBox]);
    this.paint = oncePerFrame(() => this.paintNow());
    this.gestures = new TimelineGestures(this, context);
    new ResizeObserver(() => this.refresh()).observe(this.rowsBox);
    new MutationObserver(() => this.refresh()).observe(document.body, { attributes: true, attributeFilter: ["class"] });  // light or dark
    this.rowsBox.addEventListener("keydown", (event) => this.key(event));
  }

  bar() {
    const run = (name) => (event) => this.commands.run(name, event);
    const tool = (icon, title, name, key, text = "") => button(icon, title, run(name), { key, text, kind: "ghost" });
    this.play = tool("play", "Play or stop", "play", "Space");
    this.readout = createElement("span", { class: "dx-frame-readout" });
    this.keyButton = tool("key", "Set or remove a keyframe here", "keyframe", "K", "Keyframe");
    this.hideButton = tool("hidden", "Hide from here", "outside", "O", "Hide from here");
    this.coverButton = tool("covered", "Covered from here: partly hidden behind something", "occluded", "Q", "Covered");
    this.followButton = button("follow", "Follow the chosen box from here on", run("followBox"), { key: "T", text: "Follow", kind: "primary" });
    this.trackButtons = createElement("div", { class: "dx-time-group", role: "group", "aria-label": "The chosen track" }, [
      this.keyButton, this.hideButton, this.coverButton,
      tool("split", "Split the track at this frame", "split", "S"), tool("merge", "Merge the two chosen tracks", "merge", "M"),
      tool("stretch", "Begin a stretch here, and again to end and caption it", "stretch", "B"), tool("lock", "Lock or unlock", "lock", "L")]);
    return createElement("div", { class: "dx-time-bar" }, [
      tool("left", "Previous frame", "framePrevious", "D"), this.play, tool("right", "Next frame", "frameNext", "F"), this.readout,
      tool("keyBack", "Previous keyframe", "keyPrevious", "["), tool("keyNext", "Next keyframe", "keyNext", "]"),
      createElement("span", { class: "dx-sep" }), this.trackButtons, createElement("span", { class: "dx-grow" }),
      tool("minus", "See more of the time", "timeOut", "Shift+Z"), tool("plus", "See the time closer", "timeIn", "Z"), this.followButton,
      button("", "Find and follow every object", run("followAll"), { key: "Alt+T", text: "Follow all" }),
    ]);
  }

  key(event) {
    const far = event.shiftKey ? { ArrowLeft: "framesBack", ArrowRight: "framesOn", Home: "trackStart", End: "trackEnd" }[event.key] : null;
    const command = far || { ArrowLeft: "framePrevious", ArrowRight: "frameNext", Home: "frameFirst", End: "frameLast", PageUp: "framesBack", PageDown: "framesOn", ArrowUp: "rowUp", ArrowDown: "rowDown" }[event.key];
    if (!command || event.altKey || event.ctrlKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.commands.run(command);
  }

  open(count) {
    this.scale.open(count);
    this.scrollTop = 0;
  }

  get count() { return this.scale.count; }
  xOf(frame) { return this.scale.xOf(frame); }
  frameAt(x) { return this.scale.frameAt(x); }
  yOf(object) { return RULER + this.rows.findIndex((annotation) => annotation.object === object) * ROW - this.scrollTop; }
  /** The track whose row is at this height, or undefined. */
  rowAt(y) { return y < RULER ? undefined : this.rows[Math.floor((y - RULER + this.scrollTop) / ROW)]; }

  /** The keyframes of a track as they are drawn: with the one that is being dragged where it is dragged to. */
  keysOf(annotation) {
    const { draggedKeyframe } = this;
    return (draggedKeyframe && draggedKeyframe.object === annotation.object && moveKeyframeTo(annotation.value.keyframes, draggedKeyframe.from, draggedKeyframe.to)) || annotation.value.keyframes;
  }

  captionsOf(annotation) {
    const { draggedSpan } = this, captions = annotation.value.captions || [];
    return draggedSpan && draggedSpan.object === annotation.object ? captions.map((one) => (one === draggedSpan.before ? draggedSpan.now : one)) : captions;
  }

  zoom(factor, frame = this.view.frame) {
    this.scale.zoomAt(factor, frame);
    this.refresh();
  }

  /** Brings a track's row into sight. */
  reveal(object) {
    this.collectRows();
    const i = this.rows.findIndex((annotation) => annotation.object === object), room = this.rowsBox.clientHeight - RULER;
    if (i < 0 || this.root.hidden) return;
    if (i * ROW < this.scrollTop) this.scrollTop = i * ROW;
    else if ((i + 1) * ROW > this.scrollTop + room) this.scrollTop = (i + 1) * ROW - room;
    this.refresh();
  }

  /** Tracks, zoom or size changed: the rows are drawn again. Else only the playhead moves. */
  refresh() {
    this.stale = true;
    this.paint();
  }

  paintNow() {
    if (this.root.hidden || !this.session.doc) return;
    if (this.stale) this.paintRows();
    const { clientWidth: width, clientHeight: height } = this.rowsBox;
    drawPlayhead(fitCanvas(this.overlayLayer, { width, height }), this.view.frame, this.scale, height, this.ink);
  }

  collectRows() {
    const shown = this.session.doc ? this.session.doc.ofKind("track").filter((track) => this.session.isListed(track)) : [], { fits } = this.parts.trackSearch;
    this.rows = fits ? shown.sort((a, b) => rank(fits, a) - rank(fits, b)) : shown;
  }

  settle() {
    this.scale.width = this.rowsBox.clientWidth;
    this.scale.settle();
    this.scrollTop = Math.min(Math.max(this.scrollTop, 0), Math.max(0, this.rows.length * ROW - (this.rowsBox.clientHeight - RULER)));
  }

  paintRows() {
    const { parts } = this;
    this.stale = false;
    this.collectRows();
    this.settle();
    const { clientWidth: width, clientHeight: height } = this.rowsBox, context = fitCanvas(this.rowsLayer, { width, height });
    this.ink = themeColors(this.root);
    const first = Math.max(0, Math.floor(this.scrollTop / ROW)), last = Math.min(this.rows.length, Math.ceil((this.scrollTop + height - RULER) / ROW));
    for (let i = first; i < last; i++) drawRow(context, this.rowFor(this.rows[i], RULER + i * ROW - this.scrollTop), this.scale, this.ink);
    drawRuler(context, this.scale, this.ink);
    this.empty.hidden = this.rows.length > 0;
    parts.boxFollowing.positionRows();
  }

  rowFor(annotation, y) {
    const { session, parts } = this, { pendingStart: mark } = parts.captionSpans;
    return { annotation, y, color: session.colorOf(annotation.value.label), chosen: session.selection.includes(annotation.object), keys: this.keysOf(annotation), captions: this.captionsOf(annotation),
      fit: parts.trackSearch.fits ? parts.trackSearch.fits.get(annotation.object) || null : null, mark: mark && mark.object === annotation.object ? mark.frame : null };
  }

  /** Says which frame is shown; keeps the playhead in sight while it plays. */
  showFrame(frame) {
    const { player: film } = this.view, time = film.pts ? film.pts[frame] : 0;
    this.readout.textContent = `${frame} / ${this.count - 1} · ${time.toFixed(3)} s`;
    this.rowsBox.setAttribute("aria-valuenow", String(frame));
    this.rowsBox.setAttribute("aria-valuemax", String(this.count - 1));
    this.rowsBox.setAttribute("aria-valuetext", `frame ${frame} of ${this.count}, ${time.toFixed(2)} seconds`);
    if (this.session.doc && this.scale.zoom > 1 && this.scale.keep(frame)) this.stale = true;
    this.updateButtons();
    this.paint();
  }

  /** What the buttons of the chosen track say here. */
  updateButtons() {
    const { session, view } = this, annotation = session.selectedAnnotations().find((one) => one.kind === "track"), keys = annotation ? annotation.value.keyframes : [];
    const gone = annotation && keys[0].frame < view.frame && view.frame <= keys[keys.length - 1].frame && !session.doc.boxAt(annotation, view.frame);
    this.trackButtons.classList.toggle("off", !annotation);
    say(this.keyButton, keyframeAt(keys, view.frame) ? "Remove keyframe" : "Keyframe");
    say(this.hideButton, gone ? "Show again" : "Hide from here");
    say(this.coverButton, occludedAt(keys, view.frame) ? "Not covered" : "Covered");
    this.followButton.disabled = !annotation;
  }

  showPlaying(on) {
    const fresh = button(on ? "pause" : "play", "Play or stop", () => this.commands.run("play"), { key: "Space", kind: "ghost" });
    this.play.replaceWith(fresh);
    this.play = fresh;
  }
}

const rank = (fits, annotation) => (fits.has(annotation.object) ? fits.get(annotation.object).rank : Infinity);

function say(element, text) {
  element.querySelector("span").textContent = text;
}
