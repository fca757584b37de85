// The toolbar: which item this is, the tools, the zoom, what is saved, and Done.

import { button, createElement } from "../kit/elements.js";
import { percent } from "../kit/format.js";
import { icon } from "../kit/icons.js";
import { statusName } from "../kit/item_status.js";

/** @typedef {import("./context.js").Context} Context */

export class Toolbar {
  /** @param {Pick<Context, "session" | "view" | "services" | "commands">} context */
  constructor({ session, view, services, commands }) {
    this.session = session;
    this.view = view;
    const run = (name) => () => commands.run(name);
    this.name = createElement("span", { class: "dx-name" });
    this.place = createElement("span", { class: "dx-place" });
    this.tools = {
      select: button("select", "Choose and move", run("select"), { key: "V", kind: "tool" }),
      draw: button("draw", "Draw a box", run("draw"), { key: "R", kind: "tool" }),
    };
    this.undo = button("undo", "Undo", run("undo"), { key: "Ctrl+Z", kind: "ghost" });
    this.redo = button("redo", "Redo", run("redo"), { key: "Ctrl+Shift+Z", kind: "ghost" });
    this.zoom = createElement("button", { type: "button", class: "dx-button ghost zoom", title: "Fit to the window (0)", onclick: run("fit") }, ["100%"]);
    this.saved = createElement("button", { type: "button", class: "dx-saved", "aria-live": "polite", onclick: () => services.sync.showDetails() });
    this.done = button("check", "Mark done and go on", run("done"), { key: "Ctrl+Enter", text: "Done", kind: "primary" });
    this.root = createElement("div", { class: "dx-bar-top", role: "toolbar", "aria-label": "Editor" }, this.controls(run));
    this.save({ kind: "saved", waiting: 0, refused: [] });
  }

  controls(run) {
    return [
      button("panel", "Show or hide the items", () => this.view.root.classList.toggle("no-item-list"), { kind: "ghost" }),
      button("left", "Previous item", run("previous"), { key: "PgUp", kind: "ghost" }),
      button("right", "Next item", run("next"), { key: "PgDn", kind: "ghost" }),
      createElement("div", { class: "dx-title" }, [this.name, this.place]),
      createElement("div", { class: "dx-group", role: "group", "aria-label": "Tools" }, [this.tools.select, this.tools.draw]),
      createElement("div", { class: "dx-group bare", role: "group", "aria-label": "History" }, [this.undo, this.redo]),
      createElement("div", { class: "dx-group bare", role: "group", "aria-label": "Zoom" },
        [button("minus", "Zoom out", run("zoomOut"), { key: "-", kind: "ghost" }), this.zoom, button("plus", "Zoom in", run("zoomIn"), { key: "+", kind: "ghost" })]),
      createElement("span", { class: "dx-grow" }),
      this.saved,
      button("help", "Keys", run("help"), { key: "F1", kind: "ghost" }),
      this.done,
    ];
  }

  draw() {
    const { session, view } = this, { doc } = session;
    const off = (element, yes) => { element.disabled = yes; };
    this.name.textContent = doc ? doc.item.name : "";
    this.name.title = doc ? doc.item.name : "";
    this.place.textContent = doc && doc.item.count ? `${doc.item.position} of ${doc.item.count} · ${statusName(doc.item.status)}` : "";
    for (const [name, element] of Object.entries(this.tools)) {
      element.classList.toggle("on", view.tool === name);
      element.setAttribute("aria-pressed", String(view.tool === name));
      off(element, !doc);
    }
    off(this.undo, !doc || !doc.undoable.length);
    off(this.redo, !doc || !doc.redoable.length);
    off(this.done, !doc);
    const finished = !!doc && doc.item.status === "done";
    this.done.lastChild.textContent = finished ? "Reopen" : "Done";
    this.done.title = finished ? "Take it up again" : "Mark done and go on (Ctrl+Enter)";
    this.done.classList.toggle("primary", !finished);
  }

  showZoom(scale) { this.zoom.textContent = percent(scale); }

  save(state) {
    const edits = state.waiting === 1 ? "1 edit" : `${state.waiting} edits`;
    const words = {
      saved: "Saved", saving: "Saving …", offline: `Offline: ${edits} waiting`, failing: `Not saved yet: ${edits} waiting`, signedout: `Signed out: ${edits} kept`,
      refused: `${state.refused.length} not saved`, conflict: "Changed elsewhere",
    };
    this.saved.className = `dx-saved ${state.kind}`;
    this.saved.replaceChildren(state.kind === "saved" ? icon("check") : state.kind === "saving" ? createElement("i", { class: "dx-spin" }) : icon("warn"), words[state.kind]);
    this.saved.title = state.message || "Every gesture is saved by itself";
  }
}
