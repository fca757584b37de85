// Dialogs: questions that wait for an answer.

import { button, createElement } from "../kit/elements.js";

const FOCUSABLE = "button:not([disabled]), input, select, textarea, [tabindex='0']";

/**
 * Opens a dialog over `root`. `choices` are [value, title, kind] buttons; answers the value chosen, or null when
 * closed; a `firm` one cannot be closed without a choice. Focus goes in and comes back.
 */
export function openDialog(root, { title, body = [], choices = [], wide = false, firm = false }) {
  return new Promise((resolve) => {
    const before = /** @type {HTMLElement} */ (document.activeElement);
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
