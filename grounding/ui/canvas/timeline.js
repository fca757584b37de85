// The timeline of a film: one row a track, its life, its keyframes, and the playhead to drag.

import { button, eachFrame, make } from "./dom.js";
import { sized } from "./draw.js";
import { keyAt, visibleSpans } from "./tracks.js";

const GUTTER = 148, RULER = 24, ROW = 24, PAD = 14;

export class Timeline {
  constructor(ed) {
    this.ed = ed;
    Object.assign(this, { zoom: 1, left: 0, top: 0, rows: [] });
    const run = (name) => () => ed.run(name);
    this.play = button("play", "Play or stop", run("play"), { key: "Space", kind: "ghost" });
    this.where = make("span", { class: "dx-where" });
    this.follow = button("follow", "Find and follow every object", () => ed.follow(), { text: "Follow objects" });
    this.base = make("canvas", { class: "dx-layer" });
    this.top_ = make("canvas", { class: "dx-layer" });
    this.box = make("div", { class: "dx-lanes", role: "slider", tabindex: "0", "aria-label": "Frame", "aria-valuemin": "0" }, [this.base, this.top_]);
    this.root = make("section", { class: "dx-timeline", "aria-label": "Timeline", hidden: true }, [this.bar(run), this.box]);
    this.paint = eachFrame(() => this.paintNow());
    this.stale = true;
    new ResizeObserver(() => this.refresh()).observe(this.box);
    this.listen();
  }

  bar(run) {
    return make("div", { class: "dx-time-bar" }, [
      button("left", "Previous frame", run("framePrevious"), { key: "D", kind: "ghost" }), this.play,
      button("right", "Next frame", run("frameNext"), { key: "F", kind: "ghost" }), this.where,
      make("span", { class: "dx-sep" }),
      button("key", "Set or remove a keyframe here", run("keyframe"), { key: "K", text: "Keyframe", kind: "ghost" }),
      button("hidden", "Hide from here", run("outside"), { key: "O", text: "Hide from here", kind: "ghost" }),
      make("span", { class: "dx-grow" }), this.follow,
    ]);
  }

  listen() {
    let scrubbing = false;
    const at = (event) => { const frame = this.box.getBoundingClientRect(); return { x: event.clientX - frame.left, y: event.clientY - frame.top }; };
    this.box.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      const point = at(event);
      this.box.setPointerCapture(event.pointerId);
      this.box.focus({ preventScroll: true });
      if (point.y > RULER) this.pick(point);
      scrubbing = point.x > GUTTER;
      if (scrubbing) this.scrub(point);
      event.preventDefault();
    });
    this.box.addEventListener("pointermove", (event) => { if (scrubbing) this.scrub(at(event)); });
    for (const name of ["pointerup", "pointercancel"]) this.box.addEventListener(name, () => { scrubbing = false; });
    this.box.addEventListener("wheel", (event) => this.wheel(event, at(event)), { passive: false });
    this.box.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    const command = { ArrowLeft: "framePrevious", ArrowRight: "frameNext", Home: "frameFirst", End: "frameLast" }[event.key];
    if (!command) return;
    event.preventDefault();
    event.stopPropagation();
    this.ed.run(command);
  }

  wheel(event, point) {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) {
      const frame = this.frameAt(point.x), before = this.zoom;
      this.zoom = Math.min(Math.max(before * Math.exp(-event.deltaY * 0.003), 1), Math.max(1, this.count / 12));
      this.left = frame - (point.x - GUTTER - PAD) / this.step();
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      this.left += (event.deltaX || event.deltaY) / this.step();
    } else {
      this.top += event.deltaY;
    }
    this.refresh();
  }

  get count() { return this.ed.film.count || 1; }
  get span() { return Math.max(1, this.box.clientWidth - GUTTER - 2 * PAD); }
  step() { return (this.span * this.zoom) / Math.max(1, this.count - 1); }
  xOf(frame) { return GUTTER + PAD + (frame - this.left) * this.step(); }
  frameAt(x) { return Math.min(Math.max(Math.round((x - GUTTER - PAD) / this.step() + this.left), 0), this.count - 1); }

  scrub(point) {
    this.ed.film.stop();
    this.ed.goto(this.frameAt(point.x));
  }

  /** Chooses the track of a row. */
  pick(point) {
    const track = this.rows[Math.floor((point.y - RULER + this.top) / ROW)];
    if (track) this.ed.select([track.object], { stay: true });
  }

  /** Tracks, zoom or size changed: the rows are drawn again. Else only the playhead moves. */
  refresh() {
    this.stale = true;
    this.paint();
  }

  paintNow() {
    if (this.root.hidden || !this.ed.doc) return;
    if (this.stale) this.paintRows();
    this.paintHead();
  }

  settle() {
    const most = Math.max(0, this.count - 1 - this.span / this.step());
    this.left = Math.min(Math.max(this.left, 0), most);
    this.top = Math.min(Math.max(this.top, 0), Math.max(0, this.rows.length * ROW - (this.box.clientHeight - RULER)));
  }

  paintRows() {
    this.stale = false;
    this.rows = this.ed.doc.all("track").filter((track) => this.ed.shows(track));
    this.settle();
    const { clientWidth: width, clientHeight: height } = this.box, context = sized(this.base, { width, height });
    this.ink = inks(this.root);
    this.rows.forEach((track, i) => {
      const y = RULER + i * ROW - this.top;
      if (y > RULER - ROW && y < height) this.paintTrack(context, track, y, width);
    });
    context.clearRect(0, 0, width, RULER);
    this.paintRuler(context, width);
    if (!this.rows.length) this.paintEmpty(context, width, height);
  }

  paintTrack(context, track, y, width) {
    const { ed, ink } = this, color = ed.colorOf(track.value.label), chosen = ed.selection.includes(track.object), middle = y + ROW / 2;
    if (chosen) { context.fillStyle = ink.chosen; context.fillRect(0, y, width, ROW); }
    context.globalAlpha = track.value.state === "rejected" ? 0.35 : 1;
    context.save();
    context.beginPath();
    context.rect(GUTTER, y, width - GUTTER, ROW);
    context.clip();
    for (const [first, last] of visibleSpans(track.value.keyframes)) this.paintSpan(context, color, middle, this.xOf(first), this.xOf(last), track.value.state);
    for (const key of track.value.keyframes) this.paintKey(context, key, middle, color);
    context.restore();
    this.paintName(context, track, color, middle);
    context.globalAlpha = 1;
    context.fillStyle = ink.line;
    context.fillRect(0, y + ROW - 1, width, 1);
  }

  paintSpan(context, color, y, from, to, state) {
    context.fillStyle = color;
    context.globalAlpha *= state === "proposed" ? 0.35 : 0.7;
    context.beginPath();
    context.roundRect(from - 3, y - 4, Math.max(6, to - from + 6), 8, 4);
    context.fill();
    context.globalAlpha = state === "rejected" ? 0.35 : 1;
  }

  paintKey(context, key, y, color) {
    const x = this.xOf(key.frame);
    context.beginPath();
    context.moveTo(x, y - 5); context.lineTo(x + 5, y); context.lineTo(x, y + 5); context.lineTo(x - 5, y);
    context.closePath();
    context.fillStyle = key.outside ? this.ink.back : color;
    context.strokeStyle = key.outside ? color : this.ink.text;
    context.lineWidth = key.outside ? 1.5 : 1;
    context.fill();
    context.stroke();
  }

  paintName(context, track, color, y) {
    context.fillStyle = color;
    context.beginPath();
    context.roundRect(12, y - 4, 8, 8, 2.5);
    context.fill();
    context.fillStyle = this.ink.text;
    context.font = `12px ${this.ink.font}`;
    context.textBaseline = "middle";
    let text = track.value.caption || track.value.label || "no label";
    while (text.length > 4 && context.measureText(text).width > GUTTER - 36) text = text.slice(0, -2).replace(/…?$/, "…");
    context.fillText(text, 28, y + 0.5);
  }

  paintRuler(context, width) {
    const { ink } = this, stops = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000, 50000];
    const every = stops.find((n) => n * this.step() >= 56) || 100000, last = this.frameAt(width);
    context.fillStyle = ink.line;
    context.fillRect(0, RULER - 1, width, 1);
    context.font = "10.5px ui-monospace, monospace";
    context.textBaseline = "middle";
    for (let frame = Math.ceil(this.left / every) * every; frame <= last; frame += every) {
      const x = this.xOf(frame);
      context.fillStyle = ink.line;
      context.fillRect(Math.round(x), RULER - 7, 1, 6);
      context.fillStyle = ink.faint;
      context.fillText(String(frame), x + 4, RULER / 2);
    }
  }

  paintEmpty(context, width, height) {
    context.fillStyle = this.ink.faint;
    context.font = `12.5px ${this.ink.font}`;
    context.textBaseline = "middle";
    context.fillText("No tracks yet. Draw a box (R) on a frame, or let the app follow the objects.", GUTTER + PAD, RULER + Math.min(40, (height - RULER) / 2));
  }

  paintHead() {
    const { clientWidth: width, clientHeight: height } = this.box, context = sized(this.top_, { width, height });
    const x = Math.round(this.xOf(this.ed.frame)) + 0.5;
    if (x < GUTTER) return;
    context.strokeStyle = this.ink.head;
    context.fillStyle = this.ink.head;
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(x, 6); context.lineTo(x, height);
    context.stroke();
    context.beginPath();
    context.roundRect(x - 5, 3, 10, 11, 3);
    context.fill();
  }

  /** Says which frame is shown; keeps the playhead in sight while it plays. */
  show(frame) {
    const { film, doc } = this.ed;
    const time = film.pts ? film.pts[frame] : 0;
    this.where.textContent = `${frame} / ${this.count - 1} · ${time.toFixed(3)} s`;
    this.box.setAttribute("aria-valuenow", String(frame));
    this.box.setAttribute("aria-valuemax", String(this.count - 1));
    this.box.setAttribute("aria-valuetext", `frame ${frame} of ${this.count}, ${time.toFixed(2)} seconds`);
    const x = this.xOf(frame);
    if (doc && this.zoom > 1 && (x < GUTTER + PAD || x > this.box.clientWidth - PAD)) {
      this.left = frame - (this.span / this.step()) * 0.2;
      this.stale = true;
    }
    this.paint();
  }

  showPlaying(on) {
    const fresh = button(on ? "pause" : "play", "Play or stop", () => this.ed.run("play"), { key: "Space", kind: "ghost" });
    this.play.replaceWith(fresh);
    this.play = fresh;
  }

  /** Whether the chosen track has a keyframe at the frame shown. */
  onKey(track) { return !!track && !!keyAt(track.value.keyframes, this.ed.frame); }
}

function inks(root) {
  const style = getComputedStyle(root), read = (name, other) => style.getPropertyValue(name).trim() || other;
  return { font: style.fontFamily, text: read("--dx-text", "#222"), faint: read("--dx-faint", "#777"), line: read("--dx-line", "#ddd"), back: read("--dx-panel", "#fff"), head: read("--dx-accent", "#4a7dff"), chosen: read("--dx-chosen", "#eef") };
}
