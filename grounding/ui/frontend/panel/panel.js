// The panel on the right: ask, labels, the list of things and phrases, and the card of what is under review.

import { QueryBox } from "./query_box.js";
import { button, oncePerFrame, icon, createElement, plural } from "../kit/elements.js";
import { LabelBar } from "./labels.js";
import { ObjectList } from "./object_list.js";
import { ambiguityBadge, fixButtons, showMatchesOnHover, checkOfBadge, withCheckRows } from "./check_rows.js";
import { counts, listRows, pendingReview } from "../document/review_queue.js";

const TABS = [["all", "All"], ["review", "To review"], ["rejected", "Rejected"]];

export class Panel {
  constructor(ed) {
    this.ed = ed;
    this.filter = "all";
    this.ask = new QueryBox(ed);
    this.labels = new LabelBar(ed);
    this.list = new ObjectList(ed);
    this.tabs = createElement("div", { class: "dx-tabs", role: "tablist", "aria-label": "Which to show" });
    this.card = createElement("section", { class: "dx-card", "aria-label": "Under review" });
    this.empty = createElement("div", { class: "dx-list-empty", hidden: true });
    this.root = createElement("aside", { class: "dx-panel", "aria-label": "Objects and phrases" },
      [this.ask.root, this.labels.root, this.tabs, createElement("div", { class: "dx-list-box" }, [this.list.root, this.empty]), this.card]);
    showMatchesOnHover(this.card, ed, checkOfBadge);
    this.draw = oncePerFrame(() => this.drawNow());
  }

  setFilter(filter) {
    this.filter = filter;
    this.list.root.scrollTop = 0;
    this.ed.redraw();
    this.draw();
  }

  drawNow() {
    const { ed } = this, rows = withCheckRows(listRows(ed.doc, this.filter), ed);
    this.count = counts(ed.doc);
    this.list.set(rows);
    this.drawTabs();
    this.drawEmpty(rows);
    this.drawCard();
  }

  drawTabs() {
    const { things, phrases, review, rejected } = this.count;
    const numbers = { all: things + phrases, review, rejected };
    this.tabs.replaceChildren(...TABS.map(([name, title]) => createElement("button", {
      type: "button", role: "tab", class: `dx-tab ${this.filter === name ? "on" : ""}`, "aria-selected": String(this.filter === name), onclick: () => this.setFilter(name),
    }, [title, createElement("span", { class: `dx-count ${name === "review" && review ? "warm" : ""}` }, [String(numbers[name])])])));
  }

  drawEmpty(rows) {
    this.empty.hidden = rows.length > 0 || !this.ed.doc;
    if (this.empty.hidden) return;
    const words = {
      all: ["Nothing marked yet.", "Press R and drag a box, or ask for something above."],
      review: ["All looked through.", "Ctrl+Enter marks this one done and goes on."],
      rejected: ["Nothing rejected.", "What you reject stays here and teaches the model."],
    }[this.filter];
    this.empty.replaceChildren(icon(this.filter === "review" ? "check" : "draw"), createElement("b", {}, [words[0]]), createElement("span", {}, [words[1]]));
  }

  drawCard() {
    const { ed } = this, left = pendingReview(ed.doc), head = ed.underReview(left);
    this.card.hidden = !ed.doc || (!left.length && !head);
    if (this.card.hidden) return;
    this.card.replaceChildren(...(head ? this.reviewing(head, left) : this.inviting(left)).filter(Boolean));
  }

  inviting(left) {
    return [createElement("div", { class: "dx-card-line" }, [createElement("b", {}, [plural(left.length, "proposal")]), createElement("span", { class: "dx-quiet" }, ["to look through"])]),
      createElement("div", { class: "dx-card-acts" }, [button("right", "Start the review", () => this.ed.runCommand("reviewNext"), { key: "J", text: "Review", kind: "primary wide" }),
        button("check", "Accept everything", () => this.ed.runCommand("acceptAll"), { key: "Shift+A", text: "Accept all" })])];
  }

  reviewing(head, left) {
    const { ed } = this, place = left.findIndex((other) => other.object === head.object);
    const text = head.kind === "phrase" ? `“${head.value.text}”` : head.value.label || "no label";
    const about = head.kind === "phrase" ? originOf(head, ed.templates.of(head)) : `${head.kind} by ${modelOf(head)}`;
    return [
      createElement("div", { class: "dx-card-line" }, [createElement("span", { class: "dx-quiet dx-grow" }, [about]), createElement("span", { class: "dx-ms" }, [place >= 0 ? `${place + 1} of ${left.length}` : ""])]),
      createElement("p", { class: "dx-card-text" }, [text]),
      this.warning(head),
      createElement("div", { class: "dx-card-acts" }, [
        keyed("A", button("check", "Accept", () => ed.runCommand("accept"), { key: "A", text: "Accept", kind: "primary yes" })),
        keyed("E", button("edit", "Edit", () => ed.runCommand("edit"), { key: "E", text: "Edit" })),
        keyed("X", button("cross", "Reject", () => ed.runCommand("reject"), { key: "X", text: "Reject", kind: "no" })),
      ]),
    ];
  }

  /** What does not agree about the phrase in hand, and what would mend it. */
  warning(head) {
    if (head.kind !== "phrase") return null;
    const { ed } = this, badge = ambiguityBadge(head, ed, "0"), [sentence] = ed.checks.sentences(head), [remark] = ed.checks.of(head);
    const said = badge || (sentence && sentence.message) || (ed.checks.doubted(head) ? "This may fit other things here too." : null);
    return said ? createElement("div", { class: "dx-card-warn" }, [icon("warn"), said, ...fixButtons(remark ? remark.cures : [], head, ed)]) : null;
  }
}

/** A button that shows its key. */
function keyed(key, element) {
  element.append(createElement("kbd", { "aria-hidden": "true" }, [key]));
  return element;
}

const modelOf = (head) => (head.author || "").replace(/^model:/, "").replace(/^person:/, "") || "a model";

function originOf(head, template) {
  const { origin, targets } = head.value;
  const about = targets.length === 0 ? "fits nothing here" : targets.length > 1 ? `${targets.length} targets` : "";
  const from = { template: template ? `as in “${template.example}”` : "from a template", model: `by ${modelOf(head)}`, person: "by hand" }[origin] || "";
  return ["phrase", from, about].filter(Boolean).join(" · ");
}
