// Job cards: long work on the server, with its progress and a way to stop it.

import { button, createElement } from "../kit/elements.js";
import { plural } from "../kit/format.js";
import { isEnded, longName, watchJob } from "../kit/jobs.js";

/** @typedef {import("../editor/context.js").Context} Context */

const LEFT = "deixis.left.";

export class JobCards {
  /**
   * `onProgress(job)` hears of each step of a job, `onEnd(job)` of its end.
   * @param {Pick<Context, "notices" | "services">} context
   */
  constructor({ notices, services }, { onProgress, onEnd }) {
    this.notices = notices;
    this.services = services;
    this.onProgress = onProgress;
    this.onEnd = onEnd;
    this.watched = new Map();
    this.root = createElement("div", { class: "dx-jobs", "data-over": "" });
  }

  /** Takes up what was running when the page was opened, and offers to go on with what a stop of the app cut short. */
  async adopt(project) {
    try {
      const jobs = await this.services.api.jobs(project);
      jobs.filter((job) => !isEnded(job)).forEach((job) => this.watch(job.id, job));
      const newest = jobs.filter((job, n) => n === jobs.findIndex((other) => other.kind === job.kind && other.item === job.item));
      newest.filter((job) => job.state === "interrupted" && localStorage.getItem(LEFT + job.id) === null).forEach((job) => this.offer(job));
    } catch (failure) {
      if (failure.status !== 404) this.notices.toasts.error(failure);
    }
  }

  offer(job) {
    const card = this.card(job), count = job.total ? ` at ${job.done} of ${job.total}` : "";
    const away = () => { localStorage.setItem(LEFT + job.id, ""); card.element.remove(); };
    const goOn = button("restore", "Go on", () => { card.element.remove(); this.resume(job.id); }, { text: "Go on", kind: "small" });
    card.text.textContent = card.text.title = `${longName(job.kind) || "Work"}: stopped${count} when the app was closed.`;
    card.stop.before(goOn);
    card.stop.onclick = away;
  }

  async resume(id) {
    try {
      this.watch(id, await this.services.api.resume(id));
    } catch (failure) {
      this.notices.toasts.error(failure);
    }
  }

  async watch(id, job = null) {
    if (this.watched.has(id)) return;
    const card = this.card(job || { id, kind: "", state: "queued" });
    this.watched.set(id, card);
    let last = job;
    const load = async () => {
      const seen = await this.services.api.job(id);
      if (!last || seen.done !== last.done) this.onProgress(seen);
      last = seen;
      return seen;
    };
    this.finished(id, card, await watchJob(load, { first: job, onUpdate: (seen) => this.show(card, seen), onFailure: (failure, before) => afterFailure(id, failure, before) }));
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
    card.text.textContent = `${longName(job.kind) || job.kind || "Working"}${count}${job.note ? ` · ${job.note}` : ""}`;
    card.text.title = card.text.textContent;
    card.bar.style.width = `${share * 100}%`;
    card.element.classList.toggle("waiting", !job.total);
  }

  async stop(id) {
    try {
      await this.services.api.cancel(id);
    } catch (failure) {
      this.notices.toasts.error(failure);
    }
  }

  finished(id, card, job) {
    card.element.remove();
    this.watched.delete(id);
    const name = longName(job.kind) || "The job";
    if (job.state === "failed") this.notices.toasts.say(job.error || `${name} failed.`, { kind: "error" });
    if (job.state === "cancelled") this.notices.toasts.say(`${name}: stopped. What was finished is kept.`);
    if (job.state === "done") this.report(job);
    this.onEnd(job);
  }

  report(job) {
    const result = job.result || {}, skipped = Array.isArray(result.skipped) ? result.skipped : [];
    if (typeof result.added === "number" || skipped.length) this.notices.toasts.say(`${plural(Number(result.added) || 0, "item")} added.`);
    for (const entry of skipped.slice(0, 3)) {
      const [name, reason] = Array.isArray(entry) ? entry : [entry.name, entry.reason];
      this.notices.toasts.say(`${name}: ${reason}`, { kind: "error", seconds: 15 });
    }
    if (skipped.length > 3) this.notices.toasts.say(`${skipped.length - 3} more were skipped; the Project tab lists them.`, { kind: "error" });
  }
}

/** A failure that passes changes nothing; any other ends the job. */
function afterFailure(id, failure, before) {
  return failure.passing ? before : { id, kind: "", ...before, state: "failed", error: failure.message };
}
