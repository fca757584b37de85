// Edit storage: unsent edits in the browser's localStorage, so that they outlive the tab.

/** @typedef {import("../document/types.js").Edit} Edit */

const PREFIX = "deixis.edit.";

/** Edits kept in the browser's own storage; where that is full or forbidden they stay in memory and `full` says so. */
export class EditStorage {
  /** @param {Storage} storage */
  constructor(storage) {
    this.storage = storage;
    this.full = false;
  }
  /** @param {Edit} entry */
  put(entry) {
    try {
      this.storage.setItem(PREFIX + entry.edit, JSON.stringify(entry));
    } catch (refused) {
      this.full = refused.message || true;
    }
  }
  /** @param {string} edit */
  remove(edit) { this.storage.removeItem(PREFIX + edit); }
  all() {
    const entries = [];
    for (let i = 0; i < this.storage.length; i++) {
      const key = this.storage.key(i);
      if (!key.startsWith(PREFIX)) continue;
      const entry = parsed(this.storage.getItem(key));
      if (entry) entries.push(entry);
    }
    return entries.sort((a, b) => a.order - b.order);
  }
}

/** @param {string | null} text */
function parsed(text) {
  try {
    const entry = JSON.parse(text);
    return entry && entry.edit && entry.item && Array.isArray(entry.annotations) ? entry : null;
  } catch (broken) {
    return null; // another program's, or cut short by a full storage
  }
}
