// The edit session: the open item, what is selected in it, the labels of the project, and what may be changed. No DOM.

import { labelColors } from "../kit/colors.js";
import { Events } from "../kit/events.js";
import { relabelled } from "./edits.js";
import { pendingReview } from "./review_queue.js";

/**
 * @typedef {import("./types.js").Annotation} Annotation
 * @typedef {import("./types.js").Change} Change
 * @typedef {import("./types.js").Label} Label
 */

export class EditSession {
  /**
   * `settle()` ends a running nudge before anything else is selected; `isFollowing(object)` tells which objects are being
   * followed on the server; `say(text)` tells a person why something cannot be changed.
   * @param {{settle?: () => void, isFollowing?: (object: string) => boolean, say?: (text: string) => void}} callbacks
   */
  constructor(callbacks = {}) {
    const { settle = () => null, isFollowing = () => false, say = () => null } = callbacks;
    this.settle = settle;
    this.isFollowing = isFollowing;
    this.say = say;
    this.events = new Events();
    /** @type {import("./item_document.js").ItemDocument | null} */
    this.doc = null;
    /** @type {string | null} */
    this.project = null;
    this.user = "me";
    /** @type {Label[]} */
    this.labels = [];
    this.label = "";
    /** @type {Annotation[] | null} */
    this.clipboard = null;
    this.listFilter = "all";
    this.colorOf = labelColors([]);
    this.version = 0;  // of what is drawn: labels' colours, hidden objects
    this.closeDocument();
  }

  /**
   * Events: "close", "selection" ({reveal, stay}), "document", "commit", "label", "labels", "hidden".
   * @param {"close" | "selection" | "document" | "commit" | "label" | "labels" | "hidden"} event
   * @param {(detail?: any) => void} listener
   */
  on(event, listener) { this.events.on(event, listener); }

  /** Nothing is open, selected or hidden; project, labels and person stay. */
  closeDocument() {
    this.doc = null;
    /** @type {string[]} */
    this.selection = [];
    /** @type {string | null} */
    this.activeId = null;
    this.isPhraseActive = false;
    this.hidden = new Set();
    this.hideAll = false;
    this.events.emit("close");
  }

  isVideo() { return !!this.doc && this.doc.item.kind === "video"; }

  /**
   * Selects objects; `reveal` brings them into sight, `stay` keeps the frame shown.
   * @param {string[]} objects
   * @param {{reveal?: boolean, stay?: boolean}} options
   */
  select(objects, { reveal = false, stay = false } = {}) {
    this.settle();
    this.selection = objects.filter((object) => this.doc && this.doc.get(object));
    this.activeId = this.selection.length === 1 ? this.firstToReview(this.selection[0]) : null;
    this.isPhraseActive = false;
    this.events.emit("selection", { reveal, stay });
  }

  /** @param {string} object */
  toggleSelected(object) {
    const on = this.selection.includes(object);
    this.select(on ? this.selection.filter((other) => other !== object) : [...this.selection, object]);
  }

  /**
   * Makes a phrase or an object the active one: its boxes are selected and brought into sight.
   * @param {Annotation} annotation
   */
  activate(annotation) {
    this.settle();
    this.activeId = annotation.object;
    this.isPhraseActive = annotation.kind === "phrase";
    this.selection = this.isPhraseActive ? annotation.value.targets.filter((/** @type {string} */ target) => this.doc.get(target)) : [annotation.object];
    this.events.emit("selection", { reveal: true, stay: false });
  }

  /** @param {string} object */
  firstToReview(object) {
    const phrase = this.doc.phrasesOf(object).find((other) => other.value.state === "proposed");
    if (phrase) return phrase.object;
    return this.doc.get(object).value.state === "proposed" ? object : null;
  }

  selectedAnnotations() { return this.selection.map((object) => this.doc.get(object)).filter(Boolean); }

  activeAnnotation() { return this.doc && this.doc.get(this.activeId); }

  currentId() { return this.activeId || this.selection[0] || null; }

  /**
   * The active annotation if it still waits for review, else null.
   * @param {Annotation[]} left
   */
  underReview(left = pendingReview(this.doc)) {
    const active = this.activeAnnotation();
    return active && left.some((other) => other.object === active.object) ? active : null;
  }

  /**
   * Whether lists and timeline show it: rejected ones only where these are asked for.
   * @param {Annotation} annotation
   */
  isListed(annotation) { return annotation.value.state !== "rejected" || this.showsRejected(); }

  showsRejected() { return this.listFilter === "rejected"; }

  /**
   * @param {Change[]} changes
   * @param {string} title
   */
  commit(changes, title) {
    const done = !!this.doc && this.doc.commit(changes, title);
    if (done) this.events.emit("commit");
    return done;
  }

  /**
   * Locked objects, and those that are being followed, are left as they are; says so, and answers whether all may be changed.
   * @param {Annotation[]} annotations
   */
  checkEditable(annotations) {
    const fixed = annotations.find((annotation) => this.isFixed(annotation.object));
    if (fixed) this.say(this.isFollowing(fixed.object) ? "It is being followed just now: stop that in its row, or wait." : "It is locked. Press L to unlock it.");
    return !fixed;
  }

  /** @param {string} object */
  isFixed(object) {
    const annotation = this.doc && this.doc.get(object);
    return !!annotation && (!!annotation.value.locked || this.isFollowing(object));
  }

  /** The open item is another version of itself: what is gone is selected no longer. */
  documentChanged() {
    this.selection = this.selection.filter((object) => this.doc.get(object));
    if (this.activeId && !this.doc.get(this.activeId)) this.activeId = null;
    this.events.emit("document");
  }

  /**
   * The label of new boxes, given to the selected ones too.
   * @param {string} name
   */
  setLabel(name) {
    this.label = name;
    const selected = this.selectedAnnotations();
    if (selected.length && this.checkEditable(selected)) this.commit(selected.map((annotation) => relabelled(annotation, name)), `label ${name}`);
    this.events.emit("label");
  }

  /** @param {Label[]} labels */
  setLabels(labels) {
    this.labels = labels;
    this.colorOf = labelColors(labels);
    this.version += 1;
    if (!labels.some((label) => label.name === this.label)) this.label = labels[0] ? labels[0].name : "";
    this.events.emit("labels");
  }

  /**
   * @param {string[]} objects
   * @param {boolean} yes
   */
  setHidden(objects, yes) {
    objects.forEach((object) => (yes ? this.hidden.add(object) : this.hidden.delete(object)));
    this.version += 1;
    this.events.emit("hidden");
  }
}
