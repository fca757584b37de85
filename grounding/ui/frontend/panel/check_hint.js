// The check hint: what does not agree with the boxes while a phrase is being typed, shown below the text field.

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
    this.checks = [];
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
    const checks = this.session.doc ? await this.services.checks.checkText(text, this.targets()) : [];
    if (turn !== this.turn || !this.input.isConnected || text !== this.input.value.trim()) return;
    this.checked = text;
    this.show(checks);
  }

  /** Whether these words were checked, and whether they fit others too: {unique} or null. */
  verdict(text) {
    return this.checked === text ? { unique: !this.checks.some((check) => check.kind === "ambiguous") } : null;
  }

  show(checks) {
    this.checks = checks;
    const first = checks[0];
    this.root.hidden = !first;
    this.view.showMatches("typed", first || null);
    if (!first) { this.root.replaceChildren(); return; }
    this.fixes = first.cures.filter((fix) => fix.text !== undefined || this.retarget);
    this.root.replaceChildren(createElement("span", { class: "dx-hint-words" }, [icon("warn"), first.message]), ...this.fixes.map((fix, i) => this.button(fix, i)));
  }

  button(fix, i) {
    const children = [fixLabel(fix), i ? null : createElement("kbd", {}, ["Alt"]), i ? null : createElement("kbd", {}, ["Enter"])];
    return createElement("button", { type: "button", class: "dx-cure", tabindex: "-1", onmousedown: (event) => event.preventDefault(), onclick: () => this.take(fix) }, children);
  }

  key(event) {
    if (event.key !== "Enter" || !event.altKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (this.fixes && this.fixes[0] && !this.root.hidden) this.take(this.fixes[0]);
  }

  take(fix) {
    if (fix.text !== undefined) this.input.value = fix.text; else this.retarget(fix.targets);
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
