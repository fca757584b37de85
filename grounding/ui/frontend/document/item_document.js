// The open item: what stands on it, and every gesture on it as one step that can be undone and redone.

import { newId } from "../kit/ids.js";
import { boxAt } from "./keyframes.js";

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/**
 * One photo or video. `heads` maps each object to its newest version, deleted ones too (value null).
 * A change is {object, kind, before, after}; before or after is null where the thing is not there. `also` names other
 * objects whose versions it replaces too: those that a merge takes up.
 * `save(entry)` takes each step as an edit. Nothing here knows of the screen.
 */
export class ItemDocument {
  constructor(item, save) {
    this.item = item;
    this.save = save;
    this.author = "person:me";
    /** @type {Map<string, any>} */
    this.heads = new Map();
    this.known = null;
    this.growing = new Set();
    this.undoable = [];
    this.redoable = [];
    this.listeners = [];
    this.version = 0;
    this.load(item.annotations, []);
  }

  onChange(listener) { this.listeners.push(listener); }
  changed(what = {}) {
    this.version += 1;
    this.cached = null;
    this.listeners.forEach((listener) => listener(what));
  }

  /** The server's word, then what still waits to be saved on top of it. */
  load(annotations, waiting) {
    const old = this.heads;
    /** @type {Map<string, any>} */
    const fresh = new Map(annotations.map((a) => [a.object, a]));
    this.heads = new Map();
    for (const object of old.keys()) if (fresh.has(object)) this.heads.set(object, fresh.get(object));
    fresh.forEach((annotation, object) => this.heads.set(object, annotation));
    waiting.forEach((entry) => entry.annotations.forEach((a) => this.heads.set(a.object, this.stamped(a))));
    for (const head of old.values()) if (head.value === null && !this.heads.has(head.object)) this.heads.set(head.object, head);
    this.forgetForeign(old);
    this.changed({ loaded: true });
  }

  /** Steps over things that someone else has changed since can no longer be undone: they leave the history. */
  forgetForeign(old) {
    const first = this.known === null;
    if (first) this.known = new Set();
    const foreign = new Set([...old.keys()].filter((object) => !this.heads.has(object)));
    for (const head of this.heads.values()) {
      if (!first && !this.known.has(head.id) && !this.growing.has(head.object)) foreign.add(head.object);
      this.known.add(head.id);
    }
    const ours = (entry) => !entry.changes.some((c) => foreign.has(c.object));
    this.undoable = this.undoable.filter(ours);
    this.redoable = this.redoable.filter(ours);
  }

  /** From here on what the server says of this object is work of ours: it is no one else's change. */
  expect(object) {
    const head = this.get(object);
    this.growing.add(object);
    return head && head.value;
  }

  /** The awaited work has ended: all of it is one step that can be undone. Answers whether it changed anything. */
  grown(object, kind, before, title) {
    this.growing.delete(object);
    const head = this.get(object), after = head && head.value;
    if (same(before, after)) return false;
    this.undoable.push({ changes: [{ object, kind, before, after }], title });
    this.redoable = [];
    this.changed({ title });
    return true;
  }

  stamped(annotation) {
    return { author: this.author, at: new Date().toISOString(), ...annotation };
  }

  get(object) {
    const head = this.heads.get(object);
    return head && head.value ? head : null;
  }

  all(kind) {
    if (!this.cached) {
      this.cached = { box: [], phrase: [], track: [] };
      for (const head of this.heads.values()) if (head.value && this.cached[head.kind]) this.cached[head.kind].push(head);
    }
    return this.cached[kind];
  }

  /** Boxes and tracks: what a phrase can point at. */
  things() { return [...this.all("box"), ...this.all("track")]; }

  /** The box of a thing at a frame of a video (of a photo: any), or null where it is not seen. */
  boxOf(thing, frame) { return thing.kind === "track" ? boxAt(thing.value.keyframes, frame) : thing.value.box; }

  phrasesOf(object) { return this.all("phrase").filter((p) => p.value.targets.includes(object)); }

  /** Does one gesture: applies the changes, saves them as one edit, makes them one undo step. */
  commit(changes, title = "edit") {
    const real = changes.filter((change) => !same(change.before, change.after));
    if (!real.length) return false;
    this.apply(real);
    this.undoable.push({ changes: real, title });
    this.redoable = [];
    this.changed({ title });
    return true;
  }

  apply(changes) {
    const superseded = new Set();
    const annotations = changes.map(({ object, kind, after, also = [] }) => {
      const head = this.heads.get(object), others = also.map((other) => this.heads.get(other)).filter(Boolean);
      const id = head ? newId() : object, replaces = [head, ...others].filter((old) => old && !superseded.has(old.id)).map((old) => old.id);
      replaces.forEach((old) => superseded.add(old));
      return { id, object, kind, value: after, replaces };
    });
    annotations.forEach((a) => { this.heads.set(a.object, this.stamped(a)); this.known.add(a.id); });
    this.save({ edit: newId(), item: this.item.id, name: this.item.name, revision: this.item.revision, annotations });
  }

  undo() { return this.step(this.undoable, this.redoable, "before", "after"); }
  redo() { return this.step(this.redoable, this.undoable, "after", "before"); }

  /** Answers {title, changes}, or null when there is nothing left to undo or redo. */
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

export const changeTo = (head, after) => ({ object: head.object, kind: head.kind, before: head.value, after });
export const addition = (kind, value, object = newId()) => ({ object, kind, before: null, after: value });
