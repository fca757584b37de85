// Box following: a box is followed through the video on the server; its row shows the progress, and all of it is one undo step.

import { frameRange, nextManualKeyframe } from "../document/keyframes.js";
import { button, createElement } from "../kit/elements.js";
import { isEnded, watchJob } from "../kit/jobs.js";
import { after } from "../kit/scheduling.js";
import { GUTTER } from "./time_scale.js";
import { ROW, RULER } from "./timeline_rows.js";

/** @typedef {import("../editor/context.js").Context} Context */

const PATIENCE = 20000;

export class BoxFollowing {
  /** @param {Pick<Context, "session" | "view" | "notices" | "services" | "commands" | "parts">} context */
  constructor({ session, view, notices, services, commands, parts }) {
    this.session = session;
    this.view = view;
    this.notices = notices;
    this.services = services;
    this.commands = commands;
    this.parts = parts;
    this.runs = new Map();
  }

  isFollowing(object) { return this.runs.has(object); }

  /** After a box was drawn or mended: the way to have it followed. */
  offer(words) {
    this.notices.toasts.say(words, { slot: "offer", seconds: 8, action: ["Follow (T)", () => this.commands.run("followBox")] });
  }

  /** Follows the box of a track from this frame to the end, or to the next keyframe a person set; `back`: to the beginning. */
  async start(annotation, frame, { back = false } = {}) {
    const { session, view, notices, services } = this, { doc } = session, box = doc.boxAt(annotation, frame), keys = annotation.value.keyframes, last = view.player.count - 1;
    if (!box) { notices.toasts.say("It is not seen in this frame. Press O to show it again, put the box right, then T.", { slot: "hint" }); return; }
    if (frame === (back ? 0 : last)) { notices.toasts.say(back ? "This is the first frame. T follows forwards." : "This is the last frame. Shift+T follows backwards.", { slot: "hint" }); return; }
    const own = back ? ownBefore(keys, frame) : nextManualKeyframe(keys, frame);
    const run = { doc, object: annotation.object, item: doc.item, frame, until: own !== null ? own : back ? 0 : last, title: keys.length > 1 ? "follow again" : "follow" };
    notices.toasts.clear("offer");
    this.runs.set(annotation.object, this.withProgressRow(run));
    try {
      await this.saved(run.item.id);
      run.before = doc.beginExternalEdit(annotation.object);
      const { job } = await services.api.follow(run.item.id, { frame, box, object: annotation.object, label: annotation.value.label, until: run.until });
      await this.watch(run, job);
    } catch (failure) {
      notices.toasts.error(failure);
    }
    this.end(run);
  }

  /** The server must know the box before it can follow it. */
  async saved(item) {
    for (let waited = 0; this.services.sync.queue.forItem(item).length; waited += 100) {
      if (waited > PATIENCE) throw new Error("The box is not saved yet, so it cannot be followed. Look at the state of saving above, then press T again.");
      await after(100);
    }
  }

  async watch(run, job) {
    const { notices, services } = this;
    run.stop.onclick = () => services.api.cancel(job).catch((failure) => notices.toasts.error(failure));
    let done = -1;
    const onUpdate = async (seen) => {
      this.show(run, seen);
      if (seen.done !== done) await this.reload(run);
      done = seen.done;
      if (isEnded(seen)) run.ended = seen;
    };
    await watchJob(() => services.api.job(job), { onUpdate, onFailure: orThrow, firstPause: 200, maxPause: 500 });
  }

  /** What is followed so far, into the document it belongs to, whatever is open now. */
  async reload(run) {
    const { session, view, services } = this, { doc, item } = run;
    if (session.doc === doc && (view.pointer.gesture || view.isNudging)) return;
    try {
      const fresh = await services.api.item(item.id);
      if (fresh.revision < doc.item.revision) return;
      Object.assign(doc.item, { revision: fresh.revision, status: fresh.status });
      doc.load(fresh.annotations, services.sync.queue.forItem(item.id));
    } catch (failure) {
      if (!failure.passing) throw failure;
    }
  }

  end(run) {
    const { view, notices } = this, { doc, object, ended } = run;
    run.element.remove();
    this.runs.delete(object);
    const changed = run.before !== undefined && doc.endExternalEdit(object, "track", run.before, run.title);
    if (ended && ended.state === "failed") notices.toasts.say(ended.error || "Following failed; the box stays where you drew it. Press T to try again.", { kind: "error" });
    else if (ended) this.report(run, changed);
    view.redraw();
  }

  report(run, changed) {
    const { session, view, notices, commands } = this, annotation = run.doc.get(run.object);
    if (!annotation || session.doc !== run.doc) return;
    const [first, last] = frameRange(annotation.value.keyframes), name = annotation.value.label || "It", stopped = run.ended.state === "cancelled";
    const words = !changed ? "Nothing new was found of it." : stopped ? `Stopped. What was followed is kept: “${name}” is seen from frame ${first} to ${last}.` : `“${name}” is followed: frames ${first} to ${last}. Where it is wrong, mend the box and press T again.`;
    notices.toasts.say(words, { slot: "offer", seconds: 7, action: changed ? ["Undo", () => commands.run("undo")] : null });
    view.root.dataset.followed = String(Number(view.root.dataset.followed || 0) + 1);
  }

  /** The line in the row: how far, and a way to stop. */
  withProgressRow(run) {
    run.bar = createElement("i");
    run.text = createElement("span", {}, ["Following …"]);
    run.stop = button("cross", "Stop following; what is done stays", () => null, { kind: "ghost small" });
    run.element = createElement("div", { class: "dx-row-job", role: "status" }, [createElement("span", { class: "dx-meter" }, [run.bar]), run.text, run.stop]);
    this.parts.timeline.overlay.append(run.element);
    this.parts.timeline.refresh();
    return run;
  }

  show(run, job) {
    if (!job) return;
    run.bar.style.width = `${job.total ? Math.min(100, (100 * job.done) / job.total) : 0}%`;
    run.text.textContent = job.state === "queued" ? "waits its turn" : `${job.done} of ${job.total}${/out of sight/.test(job.note || "") ? " · out of sight" : ""}`;
  }

  /** Each line stands in the row of its track. */
  positionRows() {
    const { timeline } = this.parts, { doc } = this.session, height = timeline.rowsBox.clientHeight;
    for (const run of this.runs.values()) {
      const y = timeline.yOf(run.object), there = doc === run.doc && y > RULER - ROW && y < height && timeline.rows.some((annotation) => annotation.object === run.object);
      run.element.hidden = !there;
      Object.assign(run.element.style, { top: `${Math.round(y + 2)}px`, left: `${GUTTER + 4}px` });
    }
  }

  async followAll() {
    const { session, notices, services } = this;
    try {
      const { job } = await services.api.follow(session.doc.item.id, {});
      notices.jobs.watch(job);
    } catch (failure) {
      notices.toasts.error(failure);
    }
  }
}

const ownBefore = (keys, frame) => {
  const own = keys.filter((key) => key.frame < frame && key.by === "person");
  return own.length ? own[own.length - 1].frame : null;
};

function orThrow(failure, before) {
  if (!failure.passing) throw failure;
  return before;
}
