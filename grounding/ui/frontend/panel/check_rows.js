// Remarks: how the list and the card say that a phrase does not agree with its boxes, or fits others too.

import { fixLabel } from "../document/phrase_checks.js";
import { createElement } from "../kit/elements.js";
import { icon } from "../kit/icons.js";

/**
 * @typedef {import("../editor/context.js").Context} Context
 * @typedef {import("../document/types.js").Annotation} Annotation
 */

/**
 * The rows with a quiet sentence below each phrase that needs one, and what would mend it below that.
 * @param {any[]} rows
 * @param {Pick<Context, "services">} context
 */
export function withCheckRows(rows, { services }) {
  return rows.flatMap((row) => {
    if (row.kind !== "phrase" || row.annotation.value.state === "rejected") return [row];
    const first = services.checks.messages(row.annotation)[0];
    if (!first) return [row];
    const said = { kind: "remark", about: row.annotation, remark: first };
    return first.cures.length ? [row, said, { kind: "cures", about: row.annotation, remark: first }] : [row, said];
  });
}

/**
 * What stands in a row below a phrase.
 * @param {any} row
 * @param {Pick<Context, "session" | "actions">} context
 */
export function checkRowContent({ kind, remark, about }, context) {
  if (kind === "remark") return [icon("warn"), createElement("span", { class: "dx-words", title: remark.message }, [remark.message])];
  return fixButtons(remark.cures, about, context);
}

/**
 * @param {import("../document/types.js").Fix[]} cures
 * @param {Annotation} about
 * @param {Pick<Context, "session" | "actions">} context
 */
export function fixButtons(cures, about, { session, actions }) {
  return cures.map((cure, i) => {
    const children = [createElement("span", {}, [fixLabel(cure)]), i ? null : createElement("kbd", {}, ["C"])];
    return createElement("button", { type: "button", class: "dx-cure", title: `${cure.text !== undefined ? "Write" : "Mend it:"} ${fixLabel(cure)}${i ? "" : " (C)"}`, onclick: () => actions.applyFix(session.doc.get(about.object) || about, cure) }, children);
  });
}

/**
 * The badge of a phrase that fits others: pointing at it, or focusing it, shows them.
 * @param {Annotation} annotation
 * @param {Pick<Context, "services">} context
 */
export function ambiguityBadge(annotation, { services }, tabindex = "-1") {
  const found = services.checks.ambiguity(annotation);
  if (!found) return null;
  const badge = createElement("button", {
    type: "button", class: "dx-badge warn", "data-badge": "", tabindex, title: "Shown on the picture with long dashes", "aria-label": `${found.message}, shown on the picture`,
  }, [found.message]);
  badge.remark = found;
  return badge;
}

/**
 * Shows and hides the others as the pointer or the focus comes to a badge or a remark in `root` and leaves it.
 * @param {HTMLElement} root
 * @param {Pick<Context, "view">} context
 */
export function showMatchesOnHover(root, { view }, remarkOf) {
  const look = (event) => view.showMatches("pointed", remarkOf(event.target));
  for (const name of ["pointerover", "focusin"]) root.addEventListener(name, look);
  for (const name of ["pointerleave", "focusout"]) root.addEventListener(name, () => view.showMatches("pointed", null));
}

export const checkOfBadge = (target) => { const badge = target.closest("[data-badge]"); return badge ? badge.remark : null; };
