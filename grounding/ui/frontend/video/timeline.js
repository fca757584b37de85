// The timeline of a film: one row a track with its life, keyframes and captions; the playhead; and what can be done to them.

import { keyframeAt, moveKeyframeTo, occludedAt } from "../document/keyframes.js";
import { button, createElement } from "../kit/elements.js";
import { oncePerFrame } from "../kit/scheduling.js";
import { fitCanvas } from "../stage/box_drawing.js";
import { TimeScale } from "./time_scale.js";
import { TimelineGestures } from "./timeline_gestures.js";
import { drawPlayhead, drawRow, drawRuler, ROW, RULER, themeColors } from "./timeline_rows.js";

export class Timeline {
  constructor(context) {
    const { session, view, commands, parts } = context;
    this.session = session;
    this.view = view;
    this.commands = commands;
    this.parts = parts;
    this.scale = new TimeScale();
    this.top = 0;
    this.rows = [];
    this.moving = null;
    this.stretching = null;
    this.stale = true;
    this.base = createElement("canvas", { class: "dx-layer" });
    this.top_ = createElement("canvas", { class: "dx-layer" });
    const key = (text) => createElement("kbd", {}, [text]);
    this.empty = createElement("p", { class: "dx-lanes-empty", hidden: true }, [createElement("b", {}, ["No tracks yet."]), createElement("br"),
      "Press ", key("R"), " and drag a box on a frame; ", key("T"), " then follows it through the film.", createElement("br"), key("Alt"), " ", key("T"), " finds and follows everything."]);
    this.over = createElement("div", { class: "dx-lane-over" }, [this.empty]);
    this.box = createElement("div", { class: "dx-lanes", role: "slider", tabindex: "0", "aria-label": "Frame", "aria-valuemin": "0" }, [this.base, this.top_, this.over]);
    this.root = createElement("section", { class: "dx-timeline", "aria-label": "Timeline", hidden: true }, [this.bar(), this.box]);
    this.paint = oncePerFrame(() => this.paintNow());
    this.gestures = new TimelineGestures(this, context);
    new ResizeObserver(() => this.refresh()).observe(this.box);
    new MutationObserver(() => this.refresh()).observe(document.body, { attributes: true, attributeFilter: ["class"] });  // light or dark
    this.box.addEventListener("keydown", (event) => this.key(event));
  }

  bar() {
    const run = (name) => (event) => this.commands.run(name, event);
    const tool = (icon, title, name, key, text = "") => button(icon, title, run(name), { key, text, kind: "ghost" });
    this.play = tool("play", "Play or stop", "play", "Space");
    this.where = createElement("span", { class: "dx-where" });
    this.keyButton = tool("key", "Set or remove a keyframe here", "keyframe", "K", "Keyframe");
    this.hideButton = tool("hidden", "Hide from here", "outside", "O", "Hide from here");
    this.coverButton = tool("covered", "Covered from here: partly hidden behind something", "occluded", "Q", "Covered");
    this.followButton = button("follow", "Follow the chosen box from here on", run("followBox"), { key: "T", text: "Follow", kind: "primary" });
    this.forTrack = createElement("div", { class: "dx-time-group", role: "group", "aria-label": "The chosen track" }, [
      this.keyButton, this.hideButton, this.coverButton,
      tool("split", "Split the track at this frame", "split", "S"), tool("merge", "Merge the two chosen tracks", "merge", "M"),
      tool("stretch", "Begin a stretch here, and again to end and caption it", "stretch", "B"), tool("lock", "Lock or unlock", "lock", "L")]);
    return createElement("div", { class: "dx-time-bar" }, [
      tool("left", "Previous frame", "framePrevious", "D"), this.play, tool("right", "Next frame", "frameNext", "F"), this.where,
      tool("keyBack", "Previous keyframe", "keyPrevious", "["), tool("keyNext", "Next keyframe", "keyNext", "]"),
      createElement("span", { class: "dx-sep" }), this.forTrack, createElement("span", { class: "dx-grow" }),
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
    this.top = 0;
  }

  get count() { return this.scale.count; }
  xOf(frame) { return this.scale.xOf(frame); }
  frameAt(x) { return this.scale.frameAt(x); }
  yOf(object) { return RULER + this.rows.findIndex((head) => head.object === object) * ROW - this.top; }
  /** The track whose row is at this height, or undefined. */
  rowAt(y) { return y < RULER ? undefined : this.rows[Math.floor((y - RULER + this.top) / ROW)]; }

  /** The keyframes of a track as they are drawn: with the one that is being dragged where it is dragged to. */
  keysOf(head) {
    const { moving } = this;
    return (moving && moving.object === head.object && moveKeyframeTo(head.value.keyframes, moving.from, moving.to)) || head.value.keyframes;
  }

  captionsOf(head) {
    const { stretching } = this, captions = head.value.captions || [];
    return stretching && stretching.object === head.object ? captions.map((one) => (one === stretching.before ? stretching.now : one)) : captions;
  }

  zoom(factor, frame = this.view.frame) {
    this.scale.zoomAt(factor, frame);
    this.refresh();
  }

  /** Brings a track's row into sight. */
  reveal(object) {
    this.gather();
    const i = this.rows.findIndex((head) => head.object === object), room = this.box.clientHeight - RULER;
    if (i < 0 || this.root.hidden) return;
    if (i * ROW < this.top) this.top = i * ROW;
    else if ((i + 1) * ROW > this.top + room) this.top = (i + 1) * ROW - room;
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
    const { clientWidth: width, clientHeight: height } = this.box;
    drawPlayhead(fitCanvas(this.top_, { width, height }), this.view.frame, this.scale, height, this.ink);
  }

  gather() {
    const shown = this.session.doc ? this.session.doc.all("track").filter((track) => this.session.isListed(track)) : [], { fits } = this.parts.trackSearch;
    this.rows = fits ? shown.sort((a, b) => rank(fits, a) - rank(fits, b)) : shown;
  }

  settle() {
    this.scale.width = this.box.clientWidth;
    this.scale.settle();
    this.top = Math.min(Math.max(this.top, 0), Math.max(0, this.rows.length * ROW - (this.box.clientHeight - RULER)));
  }

  paintRows() {
    const { parts } = this;
    this.stale = false;
    this.gather();
    this.settle();
    const { clientWidth: width, clientHeight: height } = this.box, context = fitCanvas(this.base, { width, height });
    this.ink = themeColors(this.root);
    const first = Math.max(0, Math.floor(this.top / ROW)), last = Math.min(this.rows.length, Math.ceil((this.top + height - RULER) / ROW));
    for (let i = first; i < last; i++) drawRow(context, this.rowFor(this.rows[i], RULER + i * ROW - this.top), this.scale, this.ink);
    drawRuler(context, this.scale, this.ink);
    this.empty.hidden = this.rows.length > 0;
    parts.boxFollowing.place();
  }

  rowFor(head, y) {
    const { session, parts } = this, { mark } = parts.captionSpans;
    return { head, y, color: session.colorOf(head.value.label), chosen: session.selection.includes(head.object), keys: this.keysOf(head), captions: this.captionsOf(head),
      fit: parts.trackSearch.fits ? parts.trackSearch.fits.get(head.object) || null : null, mark: mark && mark.object === head.object ? mark.frame : null };
  }

  /** Says which frame is shown; keeps the playhead in sight while it plays. */
  show(frame) {
    const { player: film } = this.view, time = film.pts ? film.pts[frame] : 0;
    this.where.textContent = `${frame} / ${this.count - 1} · ${time.toFixed(3)} s`;
    this.box.setAttribute("aria-valuenow", String(frame));
    this.box.setAttribute("aria-valuemax", String(this.count - 1));
    this.box.setAttribute("aria-valuetext", `frame ${frame} of ${this.count}, ${time.toFixed(2)} seconds`);
    if (this.session.doc && this.scale.zoom > 1 && this.scale.keep(frame)) this.stale = true;
    this.dress();
    this.paint();
  }

  /** What the buttons of the chosen track say here. */
  dress() {
    const { session, view } = this, head = session.selectedAnnotations().find((one) => one.kind === "track"), keys = head ? head.value.keyframes : [];
    const gone = head && keys[0].frame < view.frame && view.frame <= keys[keys.length - 1].frame && !session.doc.boxOf(head, view.frame);
    this.forTrack.classList.toggle("off", !head);
    say(this.keyButton, keyframeAt(keys, view.frame) ? "Remove keyframe" : "Keyframe");
    say(this.hideButton, gone ? "Show again" : "Hide from here");
    say(this.coverButton, occludedAt(keys, view.frame) ? "Not covered" : "Covered");
    this.followButton.disabled = !head;
  }

  showPlaying(on) {
    const fresh = button(on ? "pause" : "play", "Play or stop", () => this.commands.run("play"), { key: "Space", kind: "ghost" });
    this.play.replaceWith(fresh);
    this.play = fresh;
  }
}

const rank = (fits, head) => (fits.has(head.object) ? fits.get(head.object).rank : Infinity);

function say(element, text) {
  element.querySelector("span").textContent = text;
}
