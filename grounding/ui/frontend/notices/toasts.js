// Toasts: short messages in a corner, with a way back.

import { button, createElement } from "../kit/elements.js";
import { icon } from "../kit/icons.js";

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
