// The label bar: the project's labels with their numbers.

import { createElement } from "../kit/elements.js";

/** @typedef {import("../editor/context.js").Context} Context */

/** The palette above the list; a click gives the label to the chosen boxes, or to the next one drawn. */
export class LabelBar {
  /** @param {Pick<Context, "session" | "actions">} context */
  constructor({ session, actions }) {
    this.session = session;
    this.actions = actions;
    this.chips = createElement("div", { class: "dx-labels", role: "toolbar", "aria-label": "Labels" });
    this.root = createElement("section", { class: "dx-label-bar" }, [this.chips]);
  }

  draw() {
    const { session, actions } = this;
    const shown = session.labels.slice(0, 9).map((label, i) => this.chip(label, i));
    const rest = session.labels.length - 9;
    const more = createElement("button", { type: "button", class: "dx-chip more", title: "Find or make a label (Enter)", onclick: () => actions.pickLabel() },
      [rest > 0 ? `+${rest} more` : session.labels.length ? "New" : "Make the first label"]);
    this.chips.replaceChildren(...shown, more);
  }

  chip(label, i) {
    const { session } = this, on = session.label === label.name;
    return createElement("button", {
      type: "button", class: `dx-chip ${on ? "on" : ""}`, title: `${label.name} (${i + 1})`, "aria-pressed": String(on),
      style: { "--chip": session.colorOf(label.name) }, onclick: () => session.setLabel(label.name),
    }, [createElement("i"), createElement("span", {}, [label.name]), createElement("kbd", {}, [String(i + 1)])]);
  }
}
