// The label picker: finds a label by typing, or adds it to the project.

import { createElement } from "../kit/elements.js";
import { icon } from "../kit/icons.js";

/** @typedef {import("../editor/context.js").Context} Context */

/** The picker: a small window with a filter; Enter takes the first, digits work while the filter is empty. */
export class LabelPicker {
  /** @param {Pick<Context, "session" | "view" | "actions">} context */
  constructor({ session, view, actions }) {
    this.session = session;
    this.view = view;
    this.actions = actions;
    this.input = createElement("input", { class: "dx-input", type: "text", maxlength: "80", placeholder: "Find or make a label", "aria-label": "Find or make a label", autocomplete: "off" });
    this.list = createElement("div", { class: "dx-picker-list", role: "listbox" });
    this.root = createElement("div", { class: "dx-picker", "data-over": "", hidden: true }, [createElement("div", { class: "dx-ask-line" }, [icon("search"), this.input]), this.list]);
    this.input.addEventListener("input", () => this.draw(0));
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("focusout", (event) => { if (!this.root.contains(/** @type {Node} */ (event.relatedTarget))) this.close(false); });
    this.index = 0;
  }

  open(at, bounds) {
    this.root.hidden = false;
    this.root.style.left = `${Math.max(8, Math.min(at.x, bounds.width - 248))}px`;
    this.root.style.top = `${Math.max(8, Math.min(at.y, bounds.height - 290))}px`;
    this.input.value = "";
    this.draw(0);
    this.input.focus();
  }

  close(back = true) {
    if (this.root.hidden) return;
    this.root.hidden = true;
    if (back) this.view.focus();
  }

  found() {
    const words = this.input.value.trim().toLowerCase();
    const names = this.session.labels.map((label) => label.name).filter((name) => name.toLowerCase().includes(words));
    return names.sort((a, b) => Number(b.toLowerCase().startsWith(words)) - Number(a.toLowerCase().startsWith(words))).slice(0, 200);
  }

  draw(index) {
    const typed = this.input.value.trim(), names = this.found();
    const makes = typed && !this.session.labels.some((label) => label.name === typed);
    this.options = [...names.map((name) => ({ name })), ...(makes ? [{ name: typed, fresh: true }] : [])];
    this.index = Math.min(Math.max(index, 0), Math.max(0, this.options.length - 1));
    this.list.replaceChildren(...this.options.map((option, i) => this.row(option, i)));
    if (!this.options.length) this.list.append(createElement("p", { class: "dx-quiet" }, ["Type a name to make the first label."]));
    const on = this.list.children[this.index];
    if (on && on.scrollIntoView) on.scrollIntoView({ block: "nearest" });
  }

  row(option, i) {
    const number = this.session.labels.findIndex((label) => label.name === option.name) + 1;
    return createElement("div", {
      class: `dx-option ${i === this.index ? "on" : ""}`, role: "option", "aria-selected": String(i === this.index), style: { "--chip": this.session.colorOf(option.name) },
      onpointerdown: (event) => { event.preventDefault(); this.take(option); },
    }, [createElement("i"), createElement("span", { class: "dx-grow" }, [option.fresh ? `Make “${option.name}”` : option.name]), number > 0 && number < 10 ? createElement("kbd", {}, [String(number)]) : null]);
  }

  key(event) {
    event.stopPropagation();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); this.draw(this.index + step); }
    if (event.key === "Escape") this.close();
    if (event.key === "Enter" && this.options[this.index]) { event.preventDefault(); this.take(this.options[this.index]); }
    const numbered = !this.input.value && /^[1-9]$/.test(event.key) && this.session.labels[Number(event.key) - 1];
    if (numbered) { event.preventDefault(); this.take(numbered); }
  }

  take(option) {
    this.close();
    if (option.fresh) this.actions.addLabel(option.name);
    else this.session.setLabel(option.name);
  }
}
