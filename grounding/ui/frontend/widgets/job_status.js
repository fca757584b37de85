// Job status: what is being worked on now, small in the header; and one job in full where it was started.

import { createElement } from "../kit/elements.js";
import { isEnded, shortName } from "../kit/jobs.js";
import { api, followJob } from "./api.js";
import { progressBar, reasonList } from "./progress_bar.js";

export function runningJobs(root) {
  let project = null, timer = null;
  const bar = progressBar(), text = createElement("span");
  const stop = createElement("button", { type: "button", class: "pg-icon", title: "Cancel", "aria-label": "Cancel the running work" }, ["\u00d7"]);
  const node = createElement("div", { class: "pg-jobs", hidden: true, "aria-live": "polite" }, [text, bar.node, stop]);
  root.append(node);
  const look = async () => {
    clearTimeout(timer);
    let running = [];
    if (project && !document.hidden) {
      try {
        running = (await api.jobs(project)).filter((job) => !isEnded(job));
      } catch (error) { node.title = error.message; }
    }
    node.hidden = !running.length;
    if (running.length) {
      const job = running[0];
      text.textContent = `${shortName(job.kind)}${job.total ? ` ${job.done}/${job.total}` : ""}${running.length > 1 ? ` +${running.length - 1}` : ""}`;
      bar.set(job.done, job.total);
      stop.onclick = () => api.cancel(job.id).then(look, (error) => { text.textContent = error.message; });
    }
    timer = setTimeout(look, running.length ? 1000 : 4000);
  };
  document.addEventListener("visibilitychange", look);
  return { update: (value) => { project = value.project || null; look(); } };
}

export function jobProgress(root, emit) {
  let watched = null;
  const bar = progressBar(), title = createElement("strong"), note = createElement("span", { class: "pg-note" });
  const cancel = createElement("button", { type: "button", class: "pg-button pg-small" }, ["Cancel"]);
  const link = createElement("a", { class: "pg-button pg-primary", hidden: true });
  const node = createElement("div", { class: "pg-work", hidden: true, "aria-live": "polite" }, [createElement("div", { class: "pg-row" }, [title, note, createElement("span", { class: "pg-grow" }), cancel]), bar.node]);
  const end = createElement("div", { class: "pg-report", hidden: true, "aria-live": "polite" });
  root.append(node, end, link);
  const words = { done: "Done", failed: "It did not work", cancelled: "Cancelled: nothing was changed.", interrupted: "Interrupted: the server was restarted. Start it again" };
  const said = (job, value) => {
    if (job.error) return job.error;
    if (job.state === "cancelled" && job.kind === "propose") return "Cancelled: what was proposed before stays.";
    if (job.state !== "done") return words[job.state];
    return (job.kind === "bring" && job.note) || (!job.total && value.nothing) || value.done || words.done;
  };
  const show = (job) => {
    title.textContent = shortName(job.kind);
    note.textContent = job.note || (job.state === "queued" ? "waiting for other work to end" : "");
    bar.set(job.done, job.total);
  };
  const finish = (job, value) => {
    node.hidden = true;
    end.hidden = false;
    end.replaceChildren(createElement("div", { class: job.state === "done" ? "pg-good" : "pg-bad" }, [said(job, value)]));
    const skipped = (job.result && job.result.skipped) || [];
    if (skipped.length) end.append(reasonList(skipped));
    if (job.state === "done" && value.link) {
      link.href = value.link;
      link.textContent = value.linkText || "Download";
      link.setAttribute("download", "");
      link.hidden = false;
    }
    emit("ended", { state: job.state });
  };
  const update = async (value) => {
    if (!value.job) { watched = null; node.hidden = end.hidden = link.hidden = true; return; }
    if (value.job === watched) return;
    watched = value.job;
    end.hidden = link.hidden = true;
    node.hidden = false;
    cancel.onclick = () => api.cancel(value.job).catch((error) => { note.textContent = error.message; });
    const job = await followJob(value.job, (state) => { if (watched !== value.job) return false; show(state); return true; });
    if (watched === value.job) finish(job, value);
  };
  return { update };
}
