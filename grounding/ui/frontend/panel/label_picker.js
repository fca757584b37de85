// The label picker: finds a label by typing, or adds it to the project.

import { createElement } from "../kit/elements.js";
import { icon } from "../kit/icons.js";

/** The picker: a small window with a filter; Enter takes the first, digits work while the filter is empty. */
export class LabelPicker {
  constructor(ed) {
    this.ed = ed;
    this.input = createElement("input", { class: "dx-input", type: "text", maxlength: "80", placeholder: "Find or make a label", "aria-label": "Find or make a label", autocomplete: "off" });
    this.list = createElement("div", { class: "dx-picker-list", role: "listbox" });
    this.root = createElement("div", { class: "dx-picker", "data-over": "", hidden: true }, [createElement("div", { class: "dx-ask-line" }, [icon("search"), this.input]), this.list]);
    this.input.addEventListener("input", () => this.draw(0));
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("focusout", (event) => { if (!this.root.contains(event.relatedTarget)) this.close(false); });
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
    if (back) this.ed.focus();
  }

  found() {
    const words = this.input.value.trim().toLowerCase();
    const names = this.ed.labels.map((label) => label.name).filter((name) => name.toLowerCase().includes(words));
    return names.sort((a, b) => Number(b.toLowerCase().startsWith(words)) - Number(a.toLowerCase().startsWith(words))).slice(0, 200);
  }

  draw(index) {
    const typed = this.input.value.trim(), names = this.found();
    const makes = typed && !this.ed.labels.some((label) => label.name === typed);
    this.options = [...names.map((name) => ({ name })), ...(makes ? [{ name: typed, fresh: true }] : [])];
    this.index = Math.min(Math.max(index, 0), Math.max(0, this.options.length - 1));
    this.list.replaceChildren(...this.options.map((option, i) => this.row(option, i)));
    if (!this.options.length) this.list.append(createElement("p", { class: "dx-quiet" }, ["Type a name to make the first label."]));
    const on = this.list.children[this.index];
    if (on && on.scrollIntoView) on.scrollIntoView({ block: "nearest" });
  }

  row(option, i) {
    const number = this.ed.labels.findIndex((label) => label.name === option.name) + 1;
    return createElement("div", {
      class: `dx-option ${i === this.index ? "on" : ""}`, role: "option", "aria-selected": String(i === this.index), style: { "--chip": this.ed.colorOf(option.name) },
      onpointerdown: (event) => { event.preventDefault(); this.take(option); },
    }, [createElement("i"), createElement("span", { class: "dx-grow" }, [option.fresh ? `Make “${option.name}”` : option.name]), number > 0 && number < 10 ? createElement("kbd", {}, [String(number)]) : null]);
  }

  key(event) {
    event.stopPropagation();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); this.draw(this.index + step); }
    if (event.key === "Escape") this.close();
    if (event.key === "Enter" && this.options[this.index]) { event.preventDefault(); this.take(this.options[this.index]); }
    const numbered = !this.input.value && /^[1-9]$/.test(event.key) && this.ed.labels[Number(event.key) - 1];
    if (numbered) { event.preventDefault(); this.take(numbered); }
  }

  take(option) {
    this.close();
    if (option.fresh) this.ed.addLabel(option.name);
    else this.ed.setLabel(option.name);
  }
}

/** A label the project did not have: it is given at once, and kept in the project. */
export async function addLabel(ed, name) {
  ed.setLabels([...ed.labels, { name }]);
  ed.setLabel(name);
  try {
    const project = await ed.api.patchProject(ed.project, { labels: ed.labels.map(({ id, name: text, color }) => ({ id, name: text, color })) });
    ed.setLabels(project.labels || ed.labels);
    ed.label = name;
    ed.panel.labels.draw();
  } catch (failure) {
    ed.toasts.error(failure);
  }
}
