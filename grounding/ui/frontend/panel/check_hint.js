// The hint: what does not agree with the boxes while a phrase is being typed, said quietly below it; it never holds anybody up.

import { fixLabel } from "../document/phrase_checks.js";
import { createElement } from "../kit/elements.js";
import { icon } from "../kit/icons.js";

/** @typedef {import("../editor/context.js").Context} Context */

const PAUSE = 300;

export class CheckHint {
  /**
   * Watches a text field; `targets()` are the objects the words are for, `retarget(objects)` (or null) takes others.
   * @param {Pick<Context, "session" | "view" | "services">} context
   */
  constructor({ session, view, services }, input, targets, retarget = null) {
    this.session = session;
    this.view = view;
    this.services = services;
    this.input = input;
    this.targets = targets;
    this.retarget = retarget;
    this.turn = 0;
    this.remarks = [];
    this.root = createElement("div", { class: "dx-hint", role: "status", "aria-live": "polite", hidden: true });
    input.addEventListener("input", () => this.later());
    input.addEventListener("keydown", (event) => this.key(event), true);
  }

  later() {
    clearTimeout(this.timer);
    this.show([]);
    this.timer = setTimeout(() => this.look(), PAUSE);
  }

  async look() {
    const turn = ++this.turn, text = this.input.value.trim();
    const remarks = this.session.doc ? await this.services.checks.checkText(text, this.targets()) : [];
    if (turn !== this.turn || !this.input.isConnected || text !== this.input.value.trim()) return;
    this.checked = text;
    this.show(remarks);
  }

  /** Whether these words were checked, and whether they fit others too: {unique} or null. */
  verdict(text) {
    return this.checked === text ? { unique: !this.remarks.some((remark) => remark.kind === "ambiguous") } : null;
  }

  show(remarks) {
    this.remarks = remarks;
    const first = remarks[0];
    this.root.hidden = !first;
    this.view.showMatches("typed", first || null);
    if (!first) { this.root.replaceChildren(); return; }
    this.cures = first.cures.filter((cure) => cure.text !== undefined || this.retarget);
    this.root.replaceChildren(createElement("span", { class: "dx-hint-words" }, [icon("warn"), first.message]), ...this.cures.map((cure, i) => this.button(cure, i)));
  }

  button(cure, i) {
    const children = [fixLabel(cure), i ? null : createElement("kbd", {}, ["Alt"]), i ? null : createElement("kbd", {}, ["Enter"])];
    return createElement("button", { type: "button", class: "dx-cure", tabindex: "-1", onmousedown: (event) => event.preventDefault(), onclick: () => this.take(cure) }, children);
  }

  key(event) {
    if (event.key !== "Enter" || !event.altKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (this.cures && this.cures[0] && !this.root.hidden) this.take(this.cures[0]);
  }

  take(cure) {
    if (cure.text !== undefined) this.input.value = cure.text; else this.retarget(cure.targets);
    this.show([]);
    this.look();
  }

  /** Forgets what was said: the words are kept or given up. */
  quiet() {
    clearTimeout(this.timer);
    this.turn += 1;
    this.checked = null;
    this.show([]);
  }
}
