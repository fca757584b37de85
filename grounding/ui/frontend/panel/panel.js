// The panel on the right: query box, labels, the list of objects and phrases, and the card of what is under review.

import { counts, listRows } from "../document/review_queue.js";
import { createElement } from "../kit/elements.js";
import { icon } from "../kit/icons.js";
import { oncePerFrame } from "../kit/scheduling.js";
import { withCheckRows } from "./check_rows.js";
import { LabelBar } from "./label_bar.js";
import { ObjectList } from "./object_list.js";
import { QueryBox } from "./query_box.js";
import { ReviewCard } from "./review_card.js";

/** @typedef {import("../editor/context.js").Context} Context */

const TABS = [["all", "All"], ["review", "To review"], ["rejected", "Rejected"]];

export class Panel {
  /** @param {Context} context */
  constructor(context) {
    const { session, view, services } = context;
    this.session = session;
    this.view = view;
    this.services = services;
    this.queryBox = new QueryBox(context);
    this.labelBar = new LabelBar(context);
    this.list = new ObjectList(context);
    this.tabs = createElement("div", { class: "dx-tabs", role: "tablist", "aria-label": "Which to show" });
    this.card = new ReviewCard(context);
    this.empty = createElement("div", { class: "dx-list-empty", hidden: true });
    this.root = createElement("aside", { class: "dx-panel", "aria-label": "Objects and phrases" },
      [this.queryBox.root, this.labelBar.root, this.tabs, createElement("div", { class: "dx-list-box" }, [this.list.root, this.empty]), this.card.root]);
    this.draw = oncePerFrame(() => this.drawNow());
  }

  setFilter(filter) {
    this.session.listFilter = filter;
    this.list.root.scrollTop = 0;
    this.view.redraw();
    this.draw();
  }

  drawNow() {
    const { session } = this, rows = withCheckRows(listRows(session.doc, this.session.listFilter), this);
    this.count = counts(session.doc);
    this.list.set(rows);
    this.drawTabs();
    this.drawEmpty(rows);
    this.card.draw();
  }

  drawTabs() {
    const { objects, phrases, review, rejected } = this.count;
    const numbers = { all: objects + phrases, review, rejected };
    this.tabs.replaceChildren(...TABS.map(([name, title]) => createElement("button", {
      type: "button", role: "tab", class: `dx-tab ${this.session.listFilter === name ? "on" : ""}`, "aria-selected": String(this.session.listFilter === name), onclick: () => this.setFilter(name),
    }, [title, createElement("span", { class: `dx-count ${name === "review" && review ? "warm" : ""}` }, [String(numbers[name])])])));
  }

  drawEmpty(rows) {
    this.empty.hidden = rows.length > 0 || !this.session.doc;
    if (this.empty.hidden) return;
    const words = {
      all: ["Nothing marked yet.", "Press R and drag a box, or ask for something above."],
      review: ["All looked through.", "Ctrl+Enter marks this one done and goes on."],
      rejected: ["Nothing rejected.", "What you reject stays here and teaches the model."],
    }[this.session.listFilter];
    this.empty.replaceChildren(icon(this.session.listFilter === "review" ? "check" : "draw"), createElement("b", {}, [words[0]]), createElement("span", {}, [words[1]]));
  }
}
