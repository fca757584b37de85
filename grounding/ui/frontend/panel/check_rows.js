// Check rows: rows, badges and fix buttons of phrases that do not agree with their boxes, or fit others too.

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
    const said = { kind: "check", about: row.annotation, check: first };
    return first.cures.length ? [row, said, { kind: "fixes", about: row.annotation, check: first }] : [row, said];
  });
}

/**
 * What stands in a row below a phrase.
 * @param {any} row
 * @param {Pick<Context, "session" | "actions">} context
 */
export function checkRowContent({ kind, check, about }, context) {
  if (kind === "check") return [icon("warn"), createElement("span", { class: "dx-words", title: check.message }, [check.message])];
  return fixButtons(check.cures, about, context);
}

/**
 * @param {import("../document/types.js").Fix[]} fixes
 * @param {Annotation} about
 * @param {Pick<Context, "session" | "actions">} context
 */
export function fixButtons(fixes, about, { session, actions }) {
  return fixes.map((fix, i) => {
    const children = [createElement("span", {}, [fixLabel(fix)]), i ? null : createElement("kbd", {}, ["C"])];
    return createElement("button", { type: "button", class: "dx-cure", title: `${fix.text !== undefined ? "Write" : "Mend it:"} ${fixLabel(fix)}${i ? "" : " (C)"}`, onclick: () => actions.applyFix(session.doc.get(about.object) || about, fix) }, children);
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
  const badge = /** @type {HTMLButtonElement & {check?: any}} */ (createElement("button", {
    type: "button", class: "dx-badge warn", "data-badge": "", tabindex, title: "Shown on the picture with long dashes", "aria-label": `${found.message}, shown on the picture`,
  }, [found.message]));
  badge.check = found;
  return badge;
}

/**
 * Shows and hides the others as the pointer or the focus comes to a badge or a check in `root` and leaves it.
 * @param {HTMLElement} root
 * @param {Pick<Context, "view">} context
 */
export function showMatchesOnHover(root, { view }, remarkOf) {
  const look = (event) => view.showMatches("pointed", remarkOf(event.target));
  for (const name of ["pointerover", "focusin"]) root.addEventListener(name, look);
  for (const name of ["pointerleave", "focusout"]) root.addEventListener(name, () => view.showMatches("pointed", null));
}

export const checkOfBadge = (target) => { const badge = target.closest("[data-badge]"); return badge ? badge.check : null; };
