// The edit queue: every gesture is one edit that waits here, on disk too, until the server has it.
// Edits leave in order, one at a time; an edit may arrive twice and counts once, because its id travels with it.

/**
 * @typedef {import("../document/types.js").Edit} Edit
 *
 * @typedef {object} QueueState
 * @property {"saved" | "saving" | "offline" | "failing" | "signedout" | "refused" | "conflict"} kind
 * @property {number} waiting
 * @property {Edit[]} refused
 * @property {string} message
 * @property {boolean | string} full
 *
 * @typedef {object} QueueOptions
 * @property {(entry: Edit) => Promise<any>} send
 * @property {import("./edit_storage.js").EditStorage} storage
 * @property {(state: QueueState) => void} listen
 * @property {(entry: Edit, answer: any) => void} onSaved
 * @property {(entry: Edit, answer: any) => void} onConflict
 * @property {(milliseconds: number, setWake: (wake: () => void) => void) => Promise<void>} [wait]
 */

const PAUSES = [400, 800, 1600, 3200, 6400, 12000];

/**
 * `send(entry, options)` delivers one entry or throws a Failure. `listen(state)` hears of every change:
 * {kind: "saved"|"saving"|"offline"|"failing"|"signedout"|"refused"|"conflict", waiting, refused: [entry], message}.
 */
export class EditQueue {
  /** @param {QueueOptions} options */
  constructor({ send, storage, listen, onSaved, onConflict, wait = defaultWait }) {
    this.send = send;
    this.storage = storage;
    this.listen = listen;
    this.onSaved = onSaved;
    this.onConflict = onConflict;
    this.wait = wait;
    this.entries = storage.all();
    this.blockedItems = new Set();
    this.order = this.entries.reduce((most, entry) => Math.max(most, entry.order), Date.now());
    this.tries = 0;
    this.running = false;
    this.failure = null;
  }

  /**
   * Adds one edit: {edit, item, name, revision, annotations}.
   * @param {Edit} entry
   */
  push(entry) {
    const kept = { ...entry, order: ++this.order };
    this.entries.push(kept);
    this.storage.put(kept);
    this.report();
    this.run();
    return kept;
  }

  /** @param {string} item */
  forItem(item) { return this.entries.filter((entry) => entry.item === item); }

  /**
   * Takes edits out without sending them.
   * @param {string[]} edits
   */
  discard(edits) {
    const gone = new Set(edits);
    this.entries = this.entries.filter((entry) => !gone.has(entry.edit));
    gone.forEach((edit) => this.storage.remove(edit));
    this.report();
  }

  /**
   * Puts other annotations in place of a waiting edit's, under a new edit id, at the same place in the line.
   * @param {string} edit
   * @param {Partial<Edit>} fresh
   */
  rewrite(edit, fresh) {
    this.entries = this.entries.map((entry) => (entry.edit === edit ? { ...entry, ...fresh, refused: null } : entry));
    this.storage.remove(edit);
    this.entries.filter((entry) => entry.edit === fresh.edit).forEach((entry) => this.storage.put(entry));
  }

  /** Tries again now: after signing in, coming back online, or a choice about a conflict. */
  retry() {
    this.blockedItems.clear();
    this.tries = 0;
    this.entries.forEach((entry) => { entry.refused = null; });
    if (this.wake) this.wake();
    this.run();
  }

  /** @param {string} item */
  release(item) {
    this.blockedItems.delete(item);
    this.run();
  }

  next() { return this.entries.find((entry) => !this.blockedItems.has(entry.item)); }

  async run() {
    if (this.running) return;
    this.running = true;
    for (let entry = this.next(); entry; entry = this.next()) await this.deliver(entry);
    this.running = false;
    this.report();
  }

  /** @param {Edit} entry */
  async deliver(entry) {
    this.report();
    try {
      const answer = await this.send(entry);
      this.tries = 0;
      this.failure = null;
      this.entries = this.entries.filter((other) => other !== entry && other.edit !== entry.edit);
      this.storage.remove(entry.edit);
      this.onSaved(entry, answer);
    } catch (failure) {
      await this.failed(entry, failure);
    }
  }

  /**
   * @param {Edit} entry
   * @param {any} failure
   */
  async failed(entry, failure) {
    if (failure.status === 409) {
      this.blockedItems.add(entry.item);
      this.report();
      this.onConflict(entry, failure.body || {});
    } else if (failure.passing || failure.signedOut) {
      this.failure = failure;
      this.report();
      const pause = failure.signedOut ? 15000 : PAUSES[Math.min(this.tries++, PAUSES.length - 1)];
      await this.wait(pause, (wake) => { this.wake = wake; });
      this.wake = null;
    } else {
      entry.refused = failure.message || String(failure);
      this.blockedItems.add(entry.item);
      this.report();
    }
  }

  /** @returns {QueueState} */
  state() {
    const waiting = this.entries.length, refused = this.entries.filter((entry) => entry.refused);
    const base = { waiting, refused, message: this.failure ? this.failure.message : "", full: this.storage.full };
    if (refused.length) return { ...base, kind: "refused", message: refused[0].refused };
    if (!waiting) return { ...base, kind: "saved" };
    if (this.failure && this.failure.signedOut) return { ...base, kind: "signedout" };
    if (this.failure && this.failure.passing) return { ...base, kind: this.failure.status ? "failing" : "offline" };
    return { ...base, kind: this.entries.every((entry) => this.blockedItems.has(entry.item)) ? "conflict" : "saving" };
  }

  report() { this.listen(this.state()); }

  /**
   * The page is going away: hands what waits to the browser, which sends it after the page is gone.
   * @param {(entry: Edit) => void} sendLate
   */
  flush(sendLate) {
    this.entries.filter((entry) => !this.blockedItems.has(entry.item)).slice(0, 20).forEach((entry) => sendLate(entry));
  }
}

/**
 * @param {number} milliseconds
 * @param {(wake: () => void) => void} setWake
 */
function defaultWait(milliseconds, setWake) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    setWake(() => { clearTimeout(timer); resolve(); });
  });
}
