// Jobs: long work on the server, with its progress and a way to stop it; and the upload of what is dropped on the page.

import { button, createElement, plural } from "../kit/elements.js";

const NAMES = { load: "Adding", upload: "Adding", propose: "Proposing boxes and phrases", follow: "Following objects", follow_box: "Following", export: "Exporting", publish: "Exporting", train: "Learning", improve: "Learning", bring: "Trying a model", mistakes: "Looking for mistakes" };
const OVER = new Set(["done", "failed", "cancelled", "interrupted"]), LEFT = "deixis.left.";

export class JobCards {
  constructor(ed) {
    this.ed = ed;
    this.watched = new Map();
    this.root = createElement("div", { class: "dx-jobs", "data-over": "" });
  }

  /** Takes up what was running when the page was opened, and offers to go on with what a stop of the app cut short. */
  async adopt(project) {
    try {
      const jobs = await this.ed.api.jobs(project);
      jobs.filter((job) => !OVER.has(job.state)).forEach((job) => this.watch(job.id, job));
      const newest = jobs.filter((job, n) => n === jobs.findIndex((other) => other.kind === job.kind && other.item === job.item));
      newest.filter((job) => job.state === "interrupted" && localStorage.getItem(LEFT + job.id) === null).forEach((job) => this.offer(job));
    } catch (failure) {
      if (failure.status !== 404) this.ed.toasts.error(failure);
    }
  }

  offer(job) {
    const card = this.card(job), count = job.total ? ` at ${job.done} of ${job.total}` : "";
    const away = () => { localStorage.setItem(LEFT + job.id, ""); card.element.remove(); };
    const goOn = button("restore", "Go on", () => { card.element.remove(); this.resume(job.id); }, { text: "Go on", kind: "small" });
    card.text.textContent = card.text.title = `${NAMES[job.kind] || "Work"}: stopped${count} when the app was closed.`;
    card.stop.before(goOn);
    card.stop.onclick = away;
  }

  async resume(id) {
    try {
      this.watch(id, await this.ed.api.resume(id));
    } catch (failure) {
      this.ed.toasts.error(failure);
    }
  }

  async watch(id, job = null) {
    if (this.watched.has(id)) return;
    const card = this.card(job || { id, kind: "", state: "queued" });
    this.watched.set(id, card);
    for (let pause = 250, seen = job; ; pause = Math.min(pause * 1.3, 1500)) {
      if (seen) this.show(card, seen);
      if (seen && OVER.has(seen.state)) return this.finished(id, card, seen);
      await new Promise((resolve) => setTimeout(resolve, pause));
      seen = await this.look(id, seen);
    }
  }

  async look(id, before) {
    try {
      const job = await this.ed.api.job(id);
      if (!before || job.done !== before.done) this.ed.onJobProgress(job);
      return job;
    } catch (failure) {
      if (failure.passing) return before;
      return { id, kind: "", ...before, state: "failed", error: failure.message };
    }
  }

  card(job) {
    const bar = createElement("i"), text = createElement("span", { class: "dx-grow" }, ["Starting …"]), stop = button("cross", "Stop", () => this.stop(job.id), { kind: "ghost small" });
    const element = createElement("div", { class: "dx-job", role: "status" }, [createElement("div", { class: "dx-job-line" }, [text, stop]), createElement("div", { class: "dx-meter" }, [bar])]);
    this.root.append(element);
    return { element, bar, text, stop };
  }

  show(card, job) {
    const share = job.total ? Math.min(1, job.done / job.total) : 0;
    const count = job.total > 1 ? ` ${job.done} of ${job.total}` : "";
    card.text.textContent = `${NAMES[job.kind] || job.kind || "Working"}${count}${job.note ? ` · ${job.note}` : ""}`;
    card.text.title = card.text.textContent;
    card.bar.style.width = `${share * 100}%`;
    card.element.classList.toggle("waiting", !job.total);
  }

  async stop(id) {
    try {
      await this.ed.api.cancel(id);
    } catch (failure) {
      this.ed.toasts.error(failure);
    }
  }

  finished(id, card, job) {
    card.element.remove();
    this.watched.delete(id);
    const name = NAMES[job.kind] || "The job";
    if (job.state === "failed") this.ed.toasts.say(job.error || `${name} failed.`, { kind: "error" });
    if (job.state === "cancelled") this.ed.toasts.say(`${name}: stopped. What was finished is kept.`);
    if (job.state === "done") this.report(job);
    this.ed.onJobEnd(job);
  }

  report(job) {
    const result = job.result || {}, skipped = Array.isArray(result.skipped) ? result.skipped : [];
    if (typeof result.added === "number" || skipped.length) this.ed.toasts.say(`${plural(Number(result.added) || 0, "item")} added.`);
    for (const entry of skipped.slice(0, 3)) {
      const [name, reason] = Array.isArray(entry) ? entry : [entry.name, entry.reason];
      this.ed.toasts.say(`${name}: ${reason}`, { kind: "error", seconds: 15 });
    }
    if (skipped.length > 3) this.ed.toasts.say(`${skipped.length - 3} more were skipped; the Project tab lists them.`, { kind: "error" });
  }
}

const BATCH_FILES = 200, BATCH_BYTES = 256 * 2 ** 20;

/** Files in parcels that a server takes in one go. */
export function fileBatches(files) {
  const found = [];
  let parcel = [], bytes = 0;
  for (const entry of files) {
    if (parcel.length && (parcel.length >= BATCH_FILES || bytes + entry.file.size > BATCH_BYTES)) {
      found.push(parcel);
      parcel = [];
      bytes = 0;
    }
    parcel.push(entry);
    bytes += entry.file.size;
  }
  return parcel.length ? [...found, parcel] : found;
}

export class DropUpload {
  constructor(ed) {
    this.ed = ed;
    this.input = createElement("input", { type: "file", multiple: true, accept: "image/*,video/*,.zip", hidden: true, onchange: () => this.chosen() });
    this.veil = createElement("div", { class: "dx-drop", hidden: true }, [createElement("b", {}, ["Drop to add"]), createElement("span", {}, ["Photos, whole folders, videos or a zip"])]);
  }

  choose() { this.input.click(); }

  chosen() {
    const files = [...this.input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
    this.input.value = "";
    this.send(files);
  }

  listen(root) {
    let depth = 0;
    const files = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
    const on = (name, work) => root.addEventListener(name, (event) => { if (files(event)) { event.preventDefault(); work(event); } });
    on("dragenter", () => { depth += 1; this.veil.hidden = false; });
    on("dragover", () => null);
    on("dragleave", () => { depth -= 1; this.veil.hidden = depth > 0 ? false : true; });
    on("drop", async (event) => { depth = 0; this.veil.hidden = true; this.dropped(event.dataTransfer); });
  }

  async dropped(transfer) {
    try {
      await this.send(await droppedFiles(transfer));
    } catch (unreadable) {
      this.ed.toasts.say(`What was dropped could not be read (${unreadable.message}). Check its permissions and drop it again.`, { kind: "error" });
    }
  }

  async send(files) {
    const { ed } = this;
    if (!files.length) return;
    if (!ed.project) { ed.toasts.say("Make a project first; then drop the files again.", { kind: "error" }); return; }
    const stop = new AbortController(), job = { id: "", kind: "upload", state: "running", done: 0, total: 100 };
    const card = ed.jobs.card(job), all = fileBatches(files);
    card.stop.onclick = () => stop.abort();
    try {
      for (const [i, parcel] of all.entries()) {
        const show = (share) => { card.bar.style.width = `${((i + share) / all.length) * 100}%`; };
        card.text.textContent = `Sending ${plural(files.length, "file")}`;
        const answer = await ed.api.upload(ed.project, parcel, show, stop.signal);
        ed.jobs.watch(answer.job);
      }
    } catch (failure) {
      ed.toasts.say(failure.message, { kind: failure.status === -1 ? "" : "error" });
    } finally {
      card.element.remove();
    }
  }
}

/** Everything dropped, folders walked through, as {file, path}. */
export async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => (item.webkitGetAsEntry ? item.webkitGetAsEntry() : null)).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => ({ file, path: file.name }));
  const found = [];
  for (const entry of entries) await walk(entry, found);
  return found;
}

async function walk(entry, found) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    found.push({ file, path: entry.fullPath.replace(/^\//, "") });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!batch.length) return;
    for (const child of batch) await walk(child, found);
  }
}
