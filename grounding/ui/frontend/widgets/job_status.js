/* What is being worked on now, small in the header; and one job in full where it was started. */
(() => {
  "use strict";
  const { el, api } = Deixis;

  Deixis.jobs = (root) => {
    let project = null, timer = null;
    const bar = Deixis.bar(), text = el("span");
    const stop = el("button", { type: "button", class: "pg-icon", title: "Cancel", "aria-label": "Cancel the running work" }, "\u00d7");
    const node = el("div", { class: "pg-jobs", hidden: true, "aria-live": "polite" }, text, bar.node, stop);
    root.append(node);
    const look = async () => {
      clearTimeout(timer);
      let running = [];
      if (project && !document.hidden) {
        try {
          const all = await api("GET", `/api/projects/${encodeURIComponent(project)}/jobs`);
          running = (all.jobs || all).filter((job) => !Deixis.jobEnded(job));
        } catch (error) { node.title = error.message; }
      }
      node.hidden = !running.length;
      if (running.length) {
        const job = running[0];
        text.textContent = `${Deixis.jobNames[job.kind] || "Working"}${job.total ? ` ${job.done}/${job.total}` : ""}${running.length > 1 ? ` +${running.length - 1}` : ""}`;
        bar.set(job.done, job.total);
        stop.onclick = () => api("POST", `/api/jobs/${encodeURIComponent(job.id)}/cancel`).then(look, (error) => { text.textContent = error.message; });
      }
      timer = setTimeout(look, running.length ? 1000 : 4000);
    };
    document.addEventListener("visibilitychange", look);
    return { update: (value) => { project = value.project || null; look(); } };
  };

  Deixis.job = (root, emit) => {
    let watched = null;
    const bar = Deixis.bar(), title = el("strong"), note = el("span", { class: "pg-note" });
    const cancel = el("button", { type: "button", class: "pg-button pg-small" }, "Cancel");
    const link = el("a", { class: "pg-button pg-primary", hidden: true });
    const node = el("div", { class: "pg-work", hidden: true, "aria-live": "polite" }, el("div", { class: "pg-row" }, title, note, el("span", { class: "pg-grow" }), cancel), bar.node);
    const end = el("div", { class: "pg-report", hidden: true, "aria-live": "polite" });
    root.append(node, end, link);
    const words = { done: "Done", failed: "It did not work", cancelled: "Cancelled: nothing was changed.", interrupted: "Interrupted: the server was restarted. Start it again" };
    const said = (job, value) => {
      if (job.error) return job.error;
      if (job.state === "cancelled" && job.kind === "propose") return "Cancelled: what was proposed before stays.";
      if (job.state !== "done") return words[job.state];
      return (job.kind === "bring" && job.note) || (!job.total && value.nothing) || value.done || words.done;
    };
    const show = (job) => {
      title.textContent = Deixis.jobNames[job.kind] || "Working";
      note.textContent = job.note || (job.state === "queued" ? "waiting for other work to end" : "");
      bar.set(job.done, job.total);
    };
    const finish = (job, value) => {
      node.hidden = true;
      end.hidden = false;
      end.replaceChildren(el("div", { class: job.state === "done" ? "pg-good" : "pg-bad" }, said(job, value)));
      const skipped = (job.result && job.result.skipped) || [];
      if (skipped.length) end.append(Deixis.reasons(skipped));
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
      cancel.onclick = () => api("POST", `/api/jobs/${encodeURIComponent(value.job)}/cancel`).catch((error) => { note.textContent = error.message; });
      const job = await Deixis.watchJob(value.job, (state) => { if (watched !== value.job) return false; show(state); return true; });
      if (watched === value.job) finish(job, value);
    };
    return { update };
  };
})();
