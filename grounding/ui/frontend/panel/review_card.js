// The review card: what is under review, and the buttons that decide it.

import { pendingReview } from "../document/review_queue.js";
import { button, createElement } from "../kit/elements.js";
import { plural } from "../kit/format.js";
import { icon } from "../kit/icons.js";
import { ambiguityBadge, checkOfBadge, fixButtons, showMatchesOnHover } from "./check_rows.js";

/** @typedef {import("../editor/context.js").Context} Context */

export class ReviewCard {
  /** @param {Context} context */
  constructor(context) {
    const { session, actions, services, commands } = context;
    this.session = session;
    this.actions = actions;
    this.services = services;
    this.commands = commands;
    this.root = createElement("section", { class: "dx-card", "aria-label": "Under review" });
    showMatchesOnHover(this.root, context, checkOfBadge);
  }

  draw() {
    const { session } = this, left = pendingReview(session.doc), annotation = session.underReview(left);
    this.root.hidden = !session.doc || (!left.length && !annotation);
    if (this.root.hidden) return;
    this.root.replaceChildren(...(annotation ? this.reviewing(annotation, left) : this.inviting(left)).filter(Boolean));
  }

  inviting(left) {
    return [createElement("div", { class: "dx-card-line" }, [createElement("b", {}, [plural(left.length, "proposal")]), createElement("span", { class: "dx-quiet" }, ["to look through"])]),
      createElement("div", { class: "dx-card-acts" }, [button("right", "Start the review", () => this.commands.run("reviewNext"), { key: "J", text: "Review", kind: "primary wide" }),
        button("check", "Accept everything", () => this.commands.run("acceptAll"), { key: "Shift+A", text: "Accept all" })])];
  }

  reviewing(annotation, left) {
    const { services, commands } = this, place = left.findIndex((other) => other.object === annotation.object);
    const text = annotation.kind === "phrase" ? `“${annotation.value.text}”` : annotation.value.label || "no label";
    const about = annotation.kind === "phrase" ? originOf(annotation, services.templates.templateOf(annotation)) : `${annotation.kind} by ${modelOf(annotation)}`;
    return [
      createElement("div", { class: "dx-card-line" }, [createElement("span", { class: "dx-quiet dx-grow" }, [about]), createElement("span", { class: "dx-ms" }, [place >= 0 ? `${place + 1} of ${left.length}` : ""])]),
      createElement("p", { class: "dx-card-text" }, [text]),
      this.warning(annotation),
      createElement("div", { class: "dx-card-acts" }, [
        keyed("A", button("check", "Accept", () => commands.run("accept"), { key: "A", text: "Accept", kind: "primary yes" })),
        keyed("E", button("edit", "Edit", () => commands.run("edit"), { key: "E", text: "Edit" })),
        keyed("X", button("cross", "Reject", () => commands.run("reject"), { key: "X", text: "Reject", kind: "no" })),
      ]),
    ];
  }

  /** What does not agree about the active phrase, and what would mend it. */
  warning(annotation) {
    if (annotation.kind !== "phrase") return null;
    const { services } = this, badge = ambiguityBadge(annotation, this, "0"), [sentence] = services.checks.messages(annotation), [check] = services.checks.checksOf(annotation);
    const said = badge || (sentence && sentence.message) || (services.checks.isUnsure(annotation) ? "This may fit other things here too." : null);
    return said ? createElement("div", { class: "dx-card-warn" }, [icon("warn"), said, ...fixButtons(check ? check.cures : [], annotation, this)]) : null;
  }
}

/** A button that shows its key. */
function keyed(key, element) {
  element.append(createElement("kbd", { "aria-hidden": "true" }, [key]));
  return element;
}

const modelOf = (annotation) => (annotation.author || "").replace(/^model:/, "").replace(/^person:/, "") || "a model";

function originOf(annotation, template) {
  const { origin, targets } = annotation.value;
  const about = targets.length === 0 ? "fits nothing here" : targets.length > 1 ? `${targets.length} targets` : "";
  const from = { template: template ? `as in “${template.example}”` : "from a template", model: `by ${modelOf(annotation)}`, person: "by hand" }[origin] || "";
  return ["phrase", from, about].filter(Boolean).join(" · ");
}
