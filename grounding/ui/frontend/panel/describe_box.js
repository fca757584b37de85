// Describe box: a box or a point in, a sentence out, each word with the place it refers to; typed text is read the same way.

import { newBox, newPhrase, newTrack, recaptioned, UNNAMED_LABEL, withState } from "../document/edits.js";
import { matchAt } from "../document/object_match.js";
import { button, createElement } from "../kit/elements.js";
import { icon } from "../kit/icons.js";
import { drawPoints } from "../stage/word_points.js";

/** @typedef {import("../editor/context.js").Context} Context */

export class DescribeBox {
  /** @param {Pick<Context, "session" | "view" | "notices" | "services">} context */
  constructor({ session, view, notices, services }) {
    this.session = session;
    this.view = view;
    this.notices = notices;
    this.services = services;
    this.turn = 0;
    this.doc = null;
    this.object = null;
    this.about = {};
    this.litWord = -1;
    this.description = null;
    this.words = createElement("div", { class: "dx-describe-words", role: "group", "aria-label": "The sentence; each word shows its place" });
    this.input = createElement("input", { class: "dx-input", type: "text", maxlength: "300", autocomplete: "off", spellcheck: "false", "aria-label": "Say it yourself", placeholder: "Say it yourself; Enter shows where the words point" });
    this.note = createElement("p", { class: "dx-quiet", role: "status", "aria-live": "polite" });
    this.captionButton = button("film", "Make it the caption of the track", () => this.keepAsCaption(), { text: "Caption", kind: "small text" });
    this.keepButton = button("check", "Keep it as a phrase of this box", () => this.keep(), { key: "Enter", text: "Keep", kind: "primary small text" });
    this.root = createElement("div", { class: "dx-picker dx-describe", "data-over": "", role: "group", "aria-label": "Description", hidden: true }, [
      this.words, createElement("div", { class: "dx-ask-line" }, [icon("say"), this.input]),
      createElement("div", { class: "dx-caption-span-line" }, [this.note, createElement("span", { class: "dx-grow" }), this.captionButton, this.keepButton])]);
    this.root.addEventListener("keydown", (event) => this.key(event));
  }

  /** W: the chosen box, else what is under the pointer, else the whole picture. */
  start() {
    const { session, view } = this, [object] = view.selectedObjects(), at = view.pointer.at && view.viewport.toImage(view.pointer.at), { size } = view.viewport;
    if (!session.doc) return;
    view.player.stop();
    const within = at && at.x >= 0 && at.y >= 0 && at.x < size.width && at.y < size.height;
    const about = object && !object.ghost ? { box: object.box } : within ? { point: [at.x, at.y] } : {};
    this.doc = session.doc;
    this.object = about.box ? object.object : null;
    this.about = about;
    this.description = null;
    this.input.value = "";
    this.open(about.box || (about.point ? [at.x, at.y, at.x, at.y] : [0, 0, size.width / 3, 40]));
    this.ask("");
  }

  /** @param {number[]} box  in image pixels: the window opens at its upper right corner */
  open(box) {
    const [, y0, x1] = box;
    const { view } = this, bounds = view.root.getBoundingClientRect(), stage = view.stage.root.getBoundingClientRect(), at = view.viewport.toStage({ x: x1, y: y0 });
    this.root.hidden = false;
    this.root.style.left = `${Math.round(Math.max(8, Math.min(stage.left - bounds.left + at.x + 12, bounds.width - 372)))}px`;
    this.root.style.top = `${Math.round(Math.max(8, Math.min(stage.top - bounds.top + at.y, bounds.height - 190)))}px`;
    this.input.focus();
  }

  async ask(text) {
    const { session, view, services, doc } = this, turn = ++this.turn, frame = session.isVideo() ? view.frame : undefined;
    const about = text && this.description ? { box: this.description.box } : this.about;
    this.say(text ? "Reading …" : "Looking …");
    this.busy(true);
    try {
      const description = await services.api.describe(doc.item.id, { ...about, ...(text ? { text } : {}), frame });
      if (turn !== this.turn || doc !== session.doc) return;
      this.show(description, text);
    } catch (failure) {
      if (turn === this.turn) this.say(failure.message, "error");
    }
    if (turn === this.turn) this.busy(false);
  }

  busy(on) {
    this.root.classList.toggle("busy", on);
    this.keepButton.disabled = this.captionButton.disabled = on || !this.description;
  }

  say(words, kind = "") {
    this.note.textContent = words;
    this.note.className = `dx-quiet ${kind}`;
  }

  /** The sentence as words to hover or to step through; their points are on the picture. */
  show(description, typed) {
    this.description = description;
    this.litWord = -1;
    this.words.replaceChildren(...description.words.map((word, i) => createElement("button", { type: "button", class: "dx-word", onmouseenter: () => this.highlightWord(i), onmouseleave: () => this.highlightWord(-1), onfocus: () => this.highlightWord(i), onblur: () => this.highlightWord(-1) }, [word.text])));
    if (!description.words.length) this.words.replaceChildren(createElement("span", {}, [description.text]));
    if (!typed) { this.input.value = description.text; this.input.select(); }
    const annotation = this.object && this.doc.get(this.object);
    this.captionButton.hidden = !annotation || annotation.kind !== "track";
    this.say(`${typed ? "fits" : "sure"} ${Math.round(description.score * 100)}% · Enter keeps it`);
    this.view.redrawOverlay();
  }

  highlightWord(i) {
    this.litWord = i;
    this.view.redrawOverlay();
  }

  /** Points of the words on the picture; the one in hand stands out. */
  paint(context, view) {
    if (this.description && !this.root.hidden) drawPoints(context, this.description.words, view, this.litWord);
  }

  key(event) {
    event.stopPropagation();
    if (event.key === "Escape") this.close();
    const words = /** @type {HTMLElement[]} */ ([...this.words.children]), word = words.indexOf(event.target), step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (word >= 0 && step) { event.preventDefault(); (words[word + step] || words[word]).focus(); }
    if (event.key === "ArrowUp" && event.target === this.input && this.words.querySelector("button")) { event.preventDefault(); this.words.querySelector("button").focus(); }
    if (event.key === "ArrowDown" && word >= 0) { event.preventDefault(); this.input.focus(); }
    if (event.key !== "Enter" || event.target !== this.input) return;
    event.preventDefault();
    const text = this.input.value.trim();
    if (this.description && text === this.description.text) this.keep(); else if (text) this.ask(text);
  }

  /** Accepted: a phrase of the box, which is made if there was only a click. */
  keep() {
    const { session, view, notices, doc, description } = this, text = this.input.value.trim();
    if (!description || doc !== session.doc || !text) return;
    const there = (this.object && doc.get(this.object)) || matchAt(doc, view.frame, description.box), changes = [];
    const made = there ? null : this.newObject(text, description.box);
    if (made) changes.push(made); else if (there.value.state !== "accepted") changes.push(withState(there, "accepted"));
    const { object } = made || there;
    changes.push(newPhrase(text, [object]));
    session.commit(changes, "keep a description");
    this.close();
    session.select([object], { stay: true });
    notices.undoable(`Kept “${text}”.`);
  }

  newObject(text, box) {
    const { session, view, description } = this, label = (text === description.text && description.project_label) || UNNAMED_LABEL;
    return session.isVideo() ? newTrack(view.frame, box, label) : newBox(box, label);
  }

  keepAsCaption() {
    const { session, doc } = this, annotation = doc === session.doc && doc.get(this.object), text = this.input.value.trim();
    if (!annotation || !text || !session.checkEditable([annotation])) return;
    session.commit([recaptioned(annotation, text)], "caption");
    this.close();
  }

  close() {
    if (this.root.hidden) return;
    this.turn += 1;
    this.description = null;
    this.root.hidden = true;
    this.words.replaceChildren();
    this.view.focus();
    this.view.redrawOverlay();
  }
}
