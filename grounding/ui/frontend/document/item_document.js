// The open item: what stands on it, and every gesture on it as one step that can be undone and redone.

import { newId } from "../kit/ids.js";
import { boxAt } from "./keyframes.js";

/**
 * @typedef {import("./types.js").Annotation} Annotation
 * @typedef {import("./types.js").Change} Change
 * @typedef {import("./types.js").Edit} Edit
 * @typedef {import("./types.js").Kind} Kind
 * @typedef {import("./types.js").Version} Version
 * @typedef {{changes: Change[], title: string}} Step
 */

/**
 * @param {any} a
 * @param {any} b
 */
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/**
 * One photo or video. `annotations` maps each object to its newest version, deleted ones too (value null).
 * A change is {object, kind, before, after}; before or after is null where the object is not there. `also` names other
 * objects whose versions it replaces too: those that a merge takes up.
 * `save(entry)` takes each step as an edit. Nothing here knows of the screen.
 */
export class ItemDocument {
  /**
   * @param {any} item
   * @param {(edit: Edit) => void} save
   */
  constructor(item, save) {
    this.item = item;
    this.save = save;
    this.author = "person:me";
    /** @type {Map<string, Annotation>} */
    this.annotations = new Map();
    this.known = null;
    this.externallyEdited = new Set();
    /** @type {Step[]} */
    this.undoable = [];
    /** @type {Step[]} */
    this.redoable = [];
    /** @type {((what: any) => void)[]} */
    this.listeners = [];
    this.version = 0;
    this.load(item.annotations, []);
  }

  /** @param {(what: any) => void} listener */
  onChange(listener) { this.listeners.push(listener); }
  /** @param {{title?: string, loaded?: boolean}} what */
  changed(what = {}) {
    this.version += 1;
    this.cached = null;
    this.listeners.forEach((listener) => listener(what));
  }

  /**
   * The server's word, then what still waits to be saved on top of it.
   * @param {Annotation[]} annotations
   * @param {{annotations: Version[]}[]} waiting
   */
  load(annotations, waiting) {
    const old = this.annotations;
    /** @type {Map<string, Annotation>} */
    const fresh = new Map(annotations.map((a) => [a.object, a]));
    this.annotations = new Map();
    for (const object of old.keys()) if (fresh.has(object)) this.annotations.set(object, fresh.get(object));
    fresh.forEach((annotation, object) => this.annotations.set(object, annotation));
    waiting.forEach((entry) => entry.annotations.forEach((a) => this.annotations.set(a.object, this.stamped(a))));
    for (const annotation of old.values()) if (annotation.value === null && !this.annotations.has(annotation.object)) this.annotations.set(annotation.object, annotation);
    this.dropOverwrittenSteps(old);
    this.changed({ loaded: true });
  }

  /**
   * Steps over objects that someone else has changed since can no longer be undone: they leave the history.
   * @param {Map<string, Annotation>} old
   */
  dropOverwrittenSteps(old) {
    const first = this.known === null;
    if (first) this.known = new Set();
    const foreign = new Set([...old.keys()].filter((object) => !this.annotations.has(object)));
    for (const annotation of this.annotations.values()) {
      if (!first && !this.known.has(annotation.id) && !this.externallyEdited.has(annotation.object)) foreign.add(annotation.object);
      this.known.add(annotation.id);
    }
    /** @param {Step} entry */
    const ours = (entry) => !entry.changes.some((c) => foreign.has(c.object));
    this.undoable = this.undoable.filter(ours);
    this.redoable = this.redoable.filter(ours);
  }

  /**
   * From here on what the server says of this object is work of ours: it is no one else's change.
   * @param {string} object
   */
  beginExternalEdit(object) {
    const annotation = this.get(object);
    this.externallyEdited.add(object);
    return annotation && annotation.value;
  }

  /**
   * The awaited work has ended: all of it is one step that can be undone. Answers whether it changed anything.
   * @param {string} object
   * @param {Kind} kind
   * @param {any} before
   * @param {string} title
   */
  endExternalEdit(object, kind, before, title) {
    this.externallyEdited.delete(object);
    const annotation = this.get(object), after = annotation && annotation.value;
    if (same(before, after)) return false;
    this.undoable.push({ changes: [{ object, kind, before, after }], title });
    this.redoable = [];
    this.changed({ title });
    return true;
  }

  /** @param {Version} annotation */
  stamped(annotation) {
    return { author: this.author, at: new Date().toISOString(), ...annotation };
  }

  /** @param {string} object */
  get(object) {
    const annotation = this.annotations.get(object);
    return annotation && annotation.value ? annotation : null;
  }

  /** @param {Kind} kind */
  ofKind(kind) {
    if (!this.cached) {
      this.cached = /** @type {Record<Kind, Annotation[]>} */ ({ box: [], phrase: [], track: [] });
      for (const annotation of this.annotations.values()) if (annotation.value && this.cached[annotation.kind]) this.cached[annotation.kind].push(annotation);
    }
    return this.cached[kind];
  }

  /** Boxes and tracks: what a phrase can point at. */
  objects() { return [...this.ofKind("box"), ...this.ofKind("track")]; }

  /**
   * The box of an object at a frame of a video (of a photo: any), or null where it is not seen.
   * @param {Annotation} object
   * @param {number} frame
   */
  boxAt(object, frame) { return object.kind === "track" ? boxAt(object.value.keyframes, frame) : object.value.box; }

  /** @param {string} object */
  phrasesOf(object) { return this.ofKind("phrase").filter((p) => p.value.targets.includes(object)); }

  /**
   * Does one gesture: applies the changes, saves them as one edit, makes them one undo step.
   * @param {Change[]} changes
   * @param {string} title
   */
  commit(changes, title = "edit") {
    const real = changes.filter((change) => !same(change.before, change.after));
    if (!real.length) return false;
    this.apply(real);
    this.undoable.push({ changes: real, title });
    this.redoable = [];
    this.changed({ title });
    return true;
  }

  /** @param {Change[]} changes */
  apply(changes) {
    const superseded = new Set();
    const annotations = changes.map(({ object, kind, after, also = [] }) => {
      const annotation = this.annotations.get(object), others = also.map((other) => this.annotations.get(other)).filter(Boolean);
      const id = annotation ? newId() : object, replaces = [annotation, ...others].filter((old) => old && !superseded.has(old.id)).map((old) => old.id);
      replaces.forEach((old) => superseded.add(old));
      return { id, object, kind, value: after, replaces };
    });
    annotations.forEach((a) => { this.annotations.set(a.object, this.stamped(a)); this.known.add(a.id); });
    this.save({ edit: newId(), item: this.item.id, name: this.item.name, revision: this.item.revision, annotations });
  }

  undo() { return this.step(this.undoable, this.redoable, "before", "after"); }
  redo() { return this.step(this.redoable, this.undoable, "after", "before"); }

  /**
   * Answers {title, changes}, or null when there is nothing left to undo or redo.
   * @param {Step[]} from
   * @param {Step[]} to
   * @param {"before" | "after"} goal
   * @param {"before" | "after"} start
   */
  step(from, to, goal, start) {
    const entry = from.pop();
    if (!entry) return null;
    const changes = entry.changes.map((c) => ({ object: c.object, kind: c.kind, before: c[start], after: c[goal], ...(goal === "after" && c.also ? { also: c.also } : {}) }));
    this.apply(changes);
    to.push(entry);
    this.changed({ title: entry.title });
    return { title: entry.title, changes };
  }
}

/**
 * @param {Annotation} annotation
 * @param {any} after
 * @returns {Change}
 */
export const changeTo = (annotation, after) => ({ object: annotation.object, kind: annotation.kind, before: annotation.value, after });
/**
 * @param {Kind} kind
 * @param {any} value
 * @param {string} object
 * @returns {Change}
 */
export const addition = (kind, value, object = newId()) => ({ object, kind, before: null, after: value });
