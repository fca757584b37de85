// Caption spans: a sentence about a span of a track's frames: where it begins, where it ends, what it says.

import { captionSpanAt, withCaptionSpan } from "../document/track_edits.js";
import { button, createElement } from "../kit/elements.js";
import { icon } from "../kit/icons.js";
import { GUTTER } from "./time_scale.js";

/** @typedef {import("../editor/context.js").Context} Context */

export class CaptionSpans {
  /** @param {Pick<Context, "session" | "view" | "notices" | "parts">} context */
  constructor({ session, view, notices, parts }) {
    this.session = session;
    this.view = view;
    this.notices = notices;
    this.parts = parts;
    this.pendingStart = null;
    this.doc = null;
    this.object = null;
    this.before = null;
    this.text = createElement("input", { class: "dx-input", type: "text", maxlength: "1000", autocomplete: "off", "aria-label": "What happens in this stretch", placeholder: "What happens in this stretch" });
    this.from = this.number("From frame");
    this.to = this.number("to frame");
    this.note = createElement("p", { class: "dx-quiet", role: "status" });
    this.remove = button("trash", "Remove this caption", () => this.removeSpan(), { text: "Remove", kind: "small text" });
    this.root = createElement("div", { class: "dx-picker dx-caption-span", "data-over": "", role: "group", "aria-label": "Caption of a stretch", hidden: true }, [
      createElement("div", { class: "dx-ask-line" }, [icon("say"), this.text]),
      createElement("div", { class: "dx-caption-span-line" }, [this.labelled("Frames", this.from), this.labelled("to", this.to), createElement("span", { class: "dx-grow" }), this.remove,
        button("check", "Keep", () => this.keep(), { key: "Enter", text: "Keep", kind: "primary small text" })]), this.note]);
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("focusout", (event) => { if (!this.root.contains(/** @type {Node} */ (event.relatedTarget)) && event.relatedTarget) this.close(false); });
  }

  number(label) { return createElement("input", { class: "dx-input number", type: "number", min: "0", step: "1", "aria-label": label }); }
  labelled(text, input) { return createElement("label", { class: "dx-quiet" }, [text, input]); }

  /** B: inside a caption it is edited; else a span begins here, and the second time it ends here. */
  beginOrEnd(annotation, frame) {
    const { notices, parts, pendingStart: mark } = this, there = captionSpanAt(annotation, frame);
    if (mark && mark.object === annotation.object) {
      this.open(annotation, null, { start: Math.min(mark.frame, frame), end: Math.max(mark.frame, frame), text: "" });
      return;
    }
    if (there) { this.edit(annotation, there); return; }
    this.pendingStart = { object: annotation.object, frame };
    parts.timeline.refresh();
    notices.toasts.say(`A stretch begins at frame ${frame}. Go to its last frame and press B again; Esc gives it up.`, { seconds: 6, slot: "hint" });
  }

  /** Forgets a beginning; answers whether there was one. */
  cancelPending() {
    const had = !!this.pendingStart;
    this.pendingStart = null;
    if (had) this.parts.timeline.refresh();
    return had;
  }

  edit(annotation, span) { if (this.session.checkEditable([annotation])) this.open(annotation, span, span); }

  open(annotation, before, { start, end, text }) {
    const { session, view, parts } = this, bounds = view.root.getBoundingClientRect(), lanes = parts.timeline.rowsBox.getBoundingClientRect();
    view.player.stop();
    this.doc = session.doc;
    this.object = annotation.object;
    this.before = before;
    this.text.value = text;
    this.from.value = String(start);
    this.to.value = String(end);
    this.from.max = this.to.max = String(view.player.count - 1);
    this.remove.hidden = !before;
    this.say("");
    this.root.hidden = false;
    const x = lanes.left - bounds.left + Math.max(GUTTER, Math.min(parts.timeline.xOf(start), lanes.width - 380));
    this.root.style.left = `${Math.round(Math.max(8, Math.min(x, bounds.width - 400)))}px`;
    this.root.style.top = `${Math.round(lanes.top - bounds.top + Math.max(0, parts.timeline.yOf(annotation.object)) - this.root.offsetHeight - 6)}px`;
    this.text.focus();
    this.text.select();
  }

  say(words) {
    this.note.textContent = words;
    this.note.hidden = !words;
  }

  key(event) {
    event.stopPropagation();
    if (event.key === "Escape") this.close();
    if (event.key !== "Enter" || event.target.closest("button")) return;
    event.preventDefault();
    this.keep();
  }

  keep() {
    const text = this.text.value.trim(), start = Number(this.from.value), end = Number(this.to.value), last = this.view.player.count - 1;
    if (!text && this.before) { this.removeSpan(); return; }
    if (!text) { this.say("Say what happens, in a few words; Esc gives it up."); return; }
    if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end > last || end < start) { this.say(`Frames go from 0 to ${last}, and the first comes before the last.`); return; }
    this.commit({ start, end, text });
  }

  removeSpan() { this.commit(null); }

  commit(span) {
    const { session } = this, annotation = this.doc === session.doc && this.doc.get(this.object);
    if (annotation && session.checkEditable([annotation])) session.commit([withCaptionSpan(annotation, this.before, span)], span ? "caption" : "remove caption");
    this.cancelPending();
    this.close();
  }

  close(back = true) {
    this.root.hidden = true;
    if (back) this.view.focus();
  }
}
