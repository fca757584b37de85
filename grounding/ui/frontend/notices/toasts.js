// Toasts and dialogs: short words in a corner, with a way back; and questions that wait for an answer.

import { button, icon, createElement } from "../kit/elements.js";

export class Toasts {
  constructor() {
    this.root = createElement("div", { class: "dx-toasts", role: "status", "aria-live": "polite" });
  }

  /** Says something; {kind: "error"|"", action: [title, work], slot: takes the place of an older one; what stands in "step" is about the last step on the open item and goes with either}. Answers a function that takes it away. */
  say(text, { kind = "", action = null, seconds = kind === "error" ? 9 : 5, slot = "" } = {}) {
    if (slot) this.root.querySelectorAll(`[data-slot="${slot}"]`).forEach((old) => old.remove());
    const close = () => { clearTimeout(timer); toast.remove(); };
    const act = action && createElement("button", { type: "button", class: "dx-link", onclick: () => { close(); action[1](); } }, [action[0]]);
    const toast = createElement("div", { class: `dx-toast ${kind}`, "data-slot": slot }, [
      kind === "error" ? icon("warn") : null, createElement("span", {}, [text]), act, button("cross", "Close this message", close, { kind: "small ghost" }),
    ]);
    const timer = seconds ? setTimeout(close, seconds * 1000) : 0;
    this.root.append(toast);
    while (this.root.children.length > 4) this.root.firstChild.remove();
    return close;
  }

  /** Takes away what stands in a slot. */
  clear(slot) { this.root.querySelectorAll(`[data-slot="${slot}"]`).forEach((old) => old.remove()); }

  error(failure) { return this.say(failure.message || String(failure), { kind: "error" }); }
}

const FOCUSABLE = "button:not([disabled]), input, select, textarea, [tabindex='0']";

/**
 * Opens a dialog over `root`. `choices` are [value, title, kind] buttons; answers the value chosen, or null when
 * closed; a `firm` one cannot be closed without a choice. Focus goes in and comes back.
 */
export function openDialog(root, { title, body = [], choices = [], wide = false, firm = false }) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const done = (value) => { veil.remove(); if (before && before.focus) before.focus({ preventScroll: true }); resolve(value); };
    const buttons = choices.map(([value, text, kind = ""]) => createElement("button", { type: "button", class: `dx-button text ${kind}`, onclick: () => done(value) }, [text]));
    const head = createElement("div", { class: "dx-dialog-head" }, [createElement("h2", {}, [title]), firm ? null : button("cross", "Close", () => done(null), { key: "Esc", kind: "ghost" })]);
    const box = createElement("div", { class: `dx-dialog ${wide ? "wide" : ""}`, role: "dialog", "aria-modal": "true", "aria-label": title },
      [head, createElement("div", { class: "dx-dialog-body" }, body), buttons.length ? createElement("div", { class: "dx-dialog-acts" }, buttons) : null]);
    const veil = createElement("div", { class: "dx-veil", "data-over": "", onpointerdown: (event) => event.target === veil && !firm && done(null) }, [box]);
    veil.addEventListener("keydown", (event) => dialogKey(event, box, firm ? () => null : done));
    root.append(veil);
    (buttons[0] || box.querySelector(FOCUSABLE)).focus({ preventScroll: true });
  });
}

function dialogKey(event, box, done) {
  event.stopPropagation();
  if (event.key === "Escape" || event.key === "F1") {
    event.preventDefault();
    done(null);
  }
  if (event.key !== "Tab") return;
  const stops = [...box.querySelectorAll(FOCUSABLE)], last = stops[stops.length - 1];
  const edge = event.shiftKey ? stops[0] : last;
  if (document.activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? last : stops[0]).focus();
}
