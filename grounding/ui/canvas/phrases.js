// A small window to write a phrase for the chosen boxes.

import { icon, make } from "./dom.js";
import { newPhrase } from "./edits.js";

export class PhraseComposer {
  constructor(ed) {
    this.ed = ed;
    this.input = make("input", { class: "dx-input", type: "text", maxlength: "300", "aria-label": "A phrase for the chosen boxes", autocomplete: "off" });
    this.root = make("div", { class: "dx-picker", "data-over": "", hidden: true }, [make("div", { class: "dx-ask-line" }, [icon("edit"), this.input]),
      make("p", { class: "dx-quiet" }, ["In English, so that it fits only this. Enter keeps it."])]);
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("focusout", (event) => { if (!this.root.contains(event.relatedTarget)) this.root.hidden = true; });
  }

  open(targets, at, bounds) {
    this.targets = targets;
    this.doc = this.ed.doc;
    this.root.hidden = false;
    this.root.style.left = `${Math.max(8, Math.min(at.x, bounds.width - 300))}px`;
    this.root.style.top = `${Math.max(8, Math.min(at.y, bounds.height - 110))}px`;
    this.input.placeholder = targets.length > 1 ? `A phrase for these ${targets.length} boxes` : "A phrase for this box";
    this.input.value = "";
    this.input.focus();
  }

  key(event) {
    event.stopPropagation();
    if (event.key === "Escape") this.close();
    if (event.key !== "Enter") return;
    event.preventDefault();
    const text = this.input.value.trim();
    if (text && this.doc === this.ed.doc) this.ed.commit([newPhrase(text, this.targets)], "add a phrase");
    this.close();
  }

  close() {
    this.root.hidden = true;
    this.ed.focusStage();
  }
}
