// The hover card: the phrases of the object under the pointer, next to its box.

import { createElement } from "../kit/elements.js";
import { plural } from "../kit/format.js";

/** @typedef {import("../editor/context.js").Context} Context */

const MOST = 4, GAP = 8;

export class HoverCard {
  /** @param {Pick<Context, "session" | "view">} context */
  constructor({ session, view }) {
    this.session = session;
    this.view = view;
    this.root = createElement("div", { class: "dx-hover-card", "aria-hidden": "true", hidden: true });
  }

  /** Shows what is said of the object under the pointer; null hides it. */
  show(object) {
    const { session, view } = this, drawn = object && view.visibleObjects().find((other) => other.object === object);
    const phrases = drawn ? session.doc.phrasesOf(object).filter((annotation) => session.isListed(annotation)) : [];
    this.root.hidden = !phrases.length;
    if (this.root.hidden) return;
    const rows = phrases.slice(0, MOST).map((annotation) => createElement("p", { class: annotation.value.state }, [createElement("i"), annotation.value.text]));
    if (phrases.length > MOST) rows.push(createElement("p", { class: "more" }, [`${plural(phrases.length - MOST, "more phrase")} in the list`]));
    this.root.replaceChildren(...rows);
    this.place(view.viewport.boxToStage(drawn.box));
  }

  /**
   * At the right of the box, else at its left, else in its corner.
   * @param {number[]} box  on the stage
   */
  place(box) {
    const [x0, y0, x1] = box;
    const { width, height } = this.view.viewport.stage, { offsetWidth, offsetHeight } = this.root;
    const right = x1 + GAP, left = x0 - GAP - offsetWidth;
    const x = right + offsetWidth <= width ? right : left >= 0 ? left : Math.max(0, width - offsetWidth - GAP);
    this.root.style.left = `${Math.round(x)}px`;
    this.root.style.top = `${Math.round(Math.min(Math.max(GAP, y0), Math.max(GAP, height - offsetHeight - GAP)))}px`;
  }
}
