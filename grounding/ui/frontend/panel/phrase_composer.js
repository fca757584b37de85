// The phrase composer: a small window to write a phrase for the selected boxes.

import { newPhrase } from "../document/edits.js";
import { createElement } from "../kit/elements.js";
import { icon } from "../kit/icons.js";
import { CheckHint } from "./check_hint.js";

/** @typedef {import("../editor/context.js").Context} Context */

export class PhraseComposer {
  /** @param {Context} context */
  constructor(context) {
    const { session, view } = context;
    this.session = session;
    this.view = view;
    this.input = createElement("input", { class: "dx-input", type: "text", maxlength: "300", "aria-label": "A phrase for the chosen boxes", autocomplete: "off" });
    this.note = createElement("p", { class: "dx-quiet" });
    this.root = createElement("div", { class: "dx-picker wide", "data-over": "", hidden: true }, [createElement("div", { class: "dx-ask-line" }, [icon("edit"), this.input]),
      this.note]);
    this.hint = new CheckHint(context, this.input, () => this.targets, (targets) => this.pointAt(targets));
    this.root.append(this.hint.root);
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("focusout", (event) => { if (!this.root.contains(/** @type {Node} */ (event.relatedTarget))) this.hide(); });
  }

  open(targets, at, bounds) {
    this.pointAt(targets);
    this.doc = this.session.doc;
    this.root.hidden = false;
    this.root.style.left = `${Math.max(8, Math.min(at.x, bounds.width - 330))}px`;
    this.root.style.top = `${Math.max(8, Math.min(at.y, bounds.height - 190))}px`;
    this.input.value = "";
    this.input.focus();
  }

  pointAt(targets) {
    this.targets = targets;
    const several = targets.length > 1;
    this.input.placeholder = several ? `A phrase for these ${targets.length} boxes` : "A phrase for this box";
    this.note.textContent = `In English, so that it fits only ${several ? "these" : "this"}. Enter keeps it.`;
    if (this.doc === this.session.doc && !this.root.hidden) this.session.select(targets);
  }

  key(event) {
    event.stopPropagation();
    if (event.key === "Escape") this.close();
    if (event.key !== "Enter") return;
    event.preventDefault();
    const text = this.input.value.trim();
    const known = this.hint.verdict(text);
    if (text && this.doc === this.session.doc) this.session.commit([newPhrase(text, this.targets, !known || known.unique)], "add a phrase");
    this.close();
  }

  hide() {
    this.hint.quiet();
    this.root.hidden = true;
  }

  close() {
    this.hide();
    this.view.focus();
  }
}
