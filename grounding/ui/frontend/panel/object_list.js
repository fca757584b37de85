// The object list: every object with its phrases beneath it; only the rows in sight exist, so thousands are fine.

import { statusText } from "../document/review_queue.js";
import { button, createElement } from "../kit/elements.js";
import { icon } from "../kit/icons.js";
import { oncePerFrame } from "../kit/scheduling.js";
import { CheckHint } from "./check_hint.js";
import { ambiguityBadge, checkOfBadge, checkRowContent, showMatchesOnHover } from "./check_rows.js";

/** @typedef {import("../editor/context.js").Context} Context */

export const ROW = 32;
const SPARE = 6;

export class ObjectList {
  /** @param {Context} context */
  constructor(context) {
    const { session, view, actions, services } = context;
    this.session = session;
    this.view = view;
    this.actions = actions;
    this.services = services;
    this.rows = [];
    this.space = createElement("div", { class: "dx-space" });
    this.root = createElement("div", { class: "dx-list", role: "listbox", tabindex: "0", "aria-label": "Objects and their phrases", "aria-multiselectable": "true" }, [this.space]);
    this.draw = oncePerFrame(() => this.drawNow());
    const on = (name, work) => this.root.addEventListener(name, work);
    on("scroll", () => this.draw());
    on("click", (event) => this.click(event));
    on("dblclick", (event) => this.doubleClicked(event));
    on("pointerover", (event) => this.hovered(event));
    on("pointerleave", () => view.hover(null));
    on("keydown", (event) => this.key(event));
    showMatchesOnHover(this.root, context, (target) => this.checkUnder(target));
    new ResizeObserver(() => this.draw()).observe(this.root);
  }

  /** Shows other rows; the place stays where it was. */
  set(rows) {
    this.rows = rows;
    this.space.style.height = `${rows.length * ROW}px`;
    this.draw();
  }

  rowOf(event) {
    const element = event.target.closest("[data-row]");
    return element ? this.rows[Number(element.dataset.row)] : null;
  }

  /** What a badge or a check speaks of, or null. */
  checkUnder(target) {
    const element = target.closest("[data-row]"), row = element && this.rows[Number(element.dataset.row)];
    return row && row.check ? row.check : checkOfBadge(target);
  }

  click(event) {
    const row = this.rowOf(event), act = event.target.closest("[data-act]");
    if (row && row.kind === "check") this.session.activate(row.about);
    if (!row || !row.annotation) return;
    if (act) this.actions.run(act.dataset.act, row.annotation);
    else if (row.kind === "phrase") this.session.activate(row.annotation);
    else if (event.shiftKey || event.ctrlKey || event.metaKey) this.session.toggleSelected(row.annotation.object);
    else this.session.select([row.annotation.object], { reveal: true });
  }

  doubleClicked(event) {
    const row = this.rowOf(event);
    if (row && row.annotation && !event.target.closest("[data-act]")) this.actions.run("edit", row.annotation);
  }

  hovered(event) {
    const row = this.rowOf(event), element = event.target.closest("[data-row]");
    if (row && row.annotation && !element.querySelector(".dx-acts")) element.append(this.rowButtons(row));
    this.view.hover(row && (row.annotation || row.about) ? (row.annotation || row.about).object : null);
  }

  key(event) {
    if (event.target !== this.root) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !this.rows.length) return;
    event.preventDefault();
    let i = this.rows.findIndex((row) => row.annotation && row.annotation.object === this.session.currentId());
    do i = i < 0 ? 0 : i + step; while (this.rows[i] && !this.rows[i].annotation);
    const row = this.rows[i];
    if (!row) return;
    if (row.kind === "phrase") this.session.activate(row.annotation);
    else this.session.select([row.annotation.object], { reveal: true });
  }

  /** Scrolls an object's row into sight. */
  reveal(object) {
    const i = this.rows.findIndex((row) => row.annotation && row.annotation.object === object);
    if (i < 0) return;
    const top = i * ROW, { scrollTop, clientHeight } = this.root;
    if (top < scrollTop) this.root.scrollTop = top - ROW;
    else if (top + ROW > scrollTop + clientHeight) this.root.scrollTop = top - clientHeight + 2 * ROW;
  }

  drawNow() {
    if (this.editing && this.editing.isConnected && document.activeElement === this.editing) return;
    const first = Math.max(0, Math.floor(this.root.scrollTop / ROW) - SPARE);
    const last = Math.min(this.rows.length, Math.ceil((this.root.scrollTop + this.root.clientHeight) / ROW) + SPARE);
    const fresh = [];
    for (let i = first; i < last; i++) fresh.push(this.row(this.rows[i], i));
    this.space.replaceChildren(...fresh);
    const now = this.session.currentId();
    this.root.setAttribute("aria-activedescendant", now ? `dx-row-${now}` : "");
  }

  /** Which rows are pointed at or chosen, without making them anew. */
  mark() {
    const glowing = this.view.highlightedIds();
    for (const element of /** @type {HTMLElement[]} */ ([...this.space.children])) {
      const object = element.dataset.object;
      element.classList.toggle("lit", object === this.view.hoveredId || glowing.has(object) || this.view.refersToHovered(object));
    }
  }

  row(row, i) {
    if (row.kind === "title") return createElement("div", { class: "dx-row title", "data-row": i, role: "presentation", style: { top: `${i * ROW}px` } }, [row.title]);
    if (row.about) return this.checkRow(row, i);
    const { session, services } = this, { annotation } = row, chosen = row.kind === "object" ? session.selection.includes(annotation.object) : session.activeId === annotation.object;
    const element = createElement("div", {
      class: `dx-row ${row.kind} ${annotation.value.state} ${chosen ? "on" : ""}`, id: `dx-row-${annotation.object}`, role: "option", "aria-selected": String(chosen),
      "aria-setsize": this.rows.length, "aria-posinset": i + 1, "data-row": i, "data-object": annotation.object, style: { top: `${i * ROW}px` },
    }, row.kind === "object" ? this.objectCells(annotation) : this.phraseCells(annotation));
    if (chosen) element.append(this.rowButtons(row));
    element.setAttribute("aria-label", `${row.kind === "object" ? annotation.value.label || "no label" : annotation.value.text}, ${statusText(annotation, services.checks)}`);
    return element;
  }

  /** The line below a phrase that does not agree with its boxes, and the line of what would mend it. */
  checkRow(row, i) {
    return createElement("div", { class: `dx-row ${row.kind}`, "data-row": i, "data-of": row.about.object, role: "presentation", style: { top: `${i * ROW}px` } }, checkRowContent(row, this));
  }

  objectCells(annotation) {
    const { session } = this, { label, caption, score, state } = annotation.value, off = session.hidden.has(annotation.object);
    const words = [createElement("b", {}, [label || "no label"]), caption ? createElement("span", { class: "dx-caption" }, [caption]) : null];
    return [createElement("i", { class: "dx-swatch", style: { "--chip": session.colorOf(label) } }), createElement("span", { class: "dx-words", title: caption || label || "" }, words),
      state === "proposed" && typeof score === "number" ? createElement("span", { class: "dx-score" }, [`${Math.round(score * 100)}%`]) : null,
      off ? createElement("span", { class: "dx-mark", title: "Hidden (H shows it)" }, [icon("hidden")]) : null, mark(state)];
  }

  phraseCells(annotation) {
    const { text, targets, state } = annotation.value;
    const badge = ambiguityBadge(annotation, this), ambiguous = !badge && this.services.checks.isUnsure(annotation);
    return [createElement("span", { class: "dx-quote", "aria-hidden": "true" }, ["“"]), createElement("span", { class: "dx-words", title: text }, [text]),
      badge || (ambiguous ? createElement("span", { class: "dx-badge warn", title: "This phrase may fit other things here too" }, ["fits others"]) : null),
      targets.length > 1 ? createElement("span", { class: "dx-badge", title: "Points at several things" }, [`×${targets.length}`]) : null,
      mark(state)];
  }

  /** What does not agree while the words of a row are edited. */
  hintFor(input, targets) {
    const hint = new CheckHint(this, input, () => targets);
    below(input.closest(".dx-row"), hint);
    return hint;
  }

  /** The buttons of a row, made only for the rows that show them. */
  rowButtons({ kind, annotation }) {
    if (kind === "phrase") return acts(annotation, []);
    return acts(annotation, [this.session.hidden.has(annotation.object) ? ["show", "eye", "Show"] : ["hide", "hidden", "Hide"]]);
  }

  /** Turns a row into a text field; answers the new text, or null. */
  edit(object, text, placeholder = "", targets = null) {
    return new Promise((resolve) => {
      this.reveal(object);
      this.editing = null;
      this.drawNow();
      const element = this.space.querySelector(`[data-object="${object}"] .dx-words`);
      if (!element) { resolve(null); return; }
      let hint = null;
      this.editing = lineEditor(text, placeholder, (answer) => { this.editing = null; if (hint) hint.quiet(); this.draw(); resolve(answer); });
      element.replaceChildren(this.editing);
      if (targets) hint = this.hintFor(this.editing, targets);
      this.editing.focus();
      this.editing.select();
    });
  }
}

/** Floats below the row, over those that follow. */
function below(row, hint) {
  hint.root.classList.add("floating");
  row.append(hint.root);
}

/** A text field that answers once: the text on Enter or on leaving, null on Escape. */
export function lineEditor(text, placeholder, done) {
  let open = true;
  const finish = (answer) => { if (open) { open = false; done(answer); } };
  const input = createElement("input", { class: "dx-input line", type: "text", maxlength: "300", value: text, placeholder, "aria-label": placeholder || "Edit the text" });
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") finish(input.value.trim());
    if (event.key === "Escape") finish(null);
  });
  input.addEventListener("click", (event) => event.stopPropagation());
  input.addEventListener("blur", () => finish(input.value.trim()));
  return input;
}

function mark(state) {
  if (state === "accepted") return createElement("span", { class: "dx-mark accepted", title: "Accepted" }, [icon("check")]);
  if (state === "rejected") return createElement("span", { class: "dx-mark rejected", title: "Rejected" }, [icon("cross")]);
  return createElement("span", { class: "dx-mark proposed", title: "Proposed: accept (A), edit (E) or reject (X)" });
}

function acts(annotation, extra) {
  const { state } = annotation.value, list = [...extra];
  if (state !== "accepted") list.push(["accept", "check", "Accept (A)"]);
  list.push(["edit", "edit", "Edit (E)"]);
  if (state === "proposed") list.push(["reject", "cross", "Reject (X)"]);
  else if (state === "accepted") list.push(["remove", "trash", "Delete (Del)"]);
  return createElement("span", { class: "dx-acts" }, list.map(([act, name, title]) => {
    const element = button(name, title, () => null, { kind: "ghost small" });
    element.dataset.act = act;
    element.tabIndex = -1;
    return element;
  }));
}
