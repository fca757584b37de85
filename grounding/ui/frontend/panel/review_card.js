// The review card: what is under review, and the buttons that decide it.

import { pendingReview } from "../document/review_queue.js";
import { button, createElement } from "../kit/elements.js";
import { plural } from "../kit/format.js";
import { icon } from "../kit/icons.js";
import { ambiguityBadge, checkOfBadge, fixButtons, showMatchesOnHover } from "./check_rows.js";

export class ReviewCard {
  constructor(ed) {
    this.ed = ed;
    this.root = createElement("section", { class: "dx-card", "aria-label": "Under review" });
    showMatchesOnHover(this.root, ed, checkOfBadge);
  }

  draw() {
    const { ed } = this, left = pendingReview(ed.doc), head = ed.underReview(left);
    this.root.hidden = !ed.doc || (!left.length && !head);
    if (this.root.hidden) return;
    this.root.replaceChildren(...(head ? this.reviewing(head, left) : this.inviting(left)).filter(Boolean));
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
