/* Drop photos, videos, folders or a zip; see them sent, read and proposed; read what was skipped and why. */
(() => {
  "use strict";
  const { el, plural, megabytes } = Deixis;
  const BATCH_FILES = 200, BATCH_BYTES = 256e6;
  const SINGULAR = { photos: "photo", videos: "video", boxes: "box", phrases: "phrase", tracks: "track" }, COUNTED = Object.keys(SINGULAR);

  /** Every file of a drop, folders opened, each with its path inside what was dropped. */
  const filesOf = async (transfer) => {
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter(Boolean);
    if (!entries.length) return [...transfer.files].map((file) => ({ file, path: file.name }));
    const found = [];
    for (const entry of entries) await walk(entry, found);
    return found;
  };

  const walk = async (entry, found) => {
    if (entry.isFile) {
      const file = await new Promise((give, fail) => entry.file(give, fail));
      const path = entry.fullPath.replace(/^\//, "");
      if (!file.name.startsWith(".") || !path.includes("/")) found.push({ file, path });
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((give, fail) => reader.readEntries(give, fail));
      if (!some.length) return;
      for (const child of some) await walk(child, found);
    }
  };

  /** Parts of a drop. A file that tells of photos or videos goes with all of them, or it would not find them. */
  const batches = (files) => {
    const all = [[]], whole = files.some(({ path }) => /\.(json|xml)$|(^|\/)gt\.txt$/i.test(path));
    let bytes = 0;
    for (const one of files) {
      if (!whole && all.at(-1).length && (all.at(-1).length >= BATCH_FILES || bytes + one.file.size > BATCH_BYTES)) { all.push([]); bytes = 0; }
      all.at(-1).push(one);
      bytes += one.file.size;
    }
    return all;
  };

  const send = (project, files, progress, handle) => new Promise((give, fail) => {
    const form = new FormData();
    for (const { file, path } of files) form.append("files", file, path);
    for (const { path } of files) form.append("paths", path);
    const request = new XMLHttpRequest();
    handle.request = request;
    request.upload.onprogress = (event) => progress(event.loaded, event.total);
    request.onerror = () => fail(new Error("The files did not reach the server. Check that Deixis is still running, then drop them again."));
    request.onabort = () => fail(new Error("Sending was cancelled."));
    request.onload = () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch (error) { answer = { error: `The server answered ${request.status}.` }; }
      if (request.status < 300) give(answer); else fail(new Error(answer.error || `The server answered ${request.status}.`));
    };
    request.open("POST", `/api/projects/${encodeURIComponent(project)}/upload`);
    request.send(form);
  });

  Deixis.uploader = (root, emit) => {
    let project = null, busy = false, stop = null;
    const bar = Deixis.bar();
    const title = el("strong"), note = el("span", { class: "pg-note" });
    const cancel = el("button", { type: "button", class: "pg-button pg-small", onclick: () => stop && stop() }, "Cancel");
    const work = el("div", { class: "pg-work", hidden: true, "aria-live": "polite" }, el("div", { class: "pg-row" }, title, note, cancel), bar.node);
    const report = el("div", { class: "pg-report", hidden: true, "aria-live": "polite" });
    const pick = (folder) => {
      const input = el("input", { type: "file", multiple: true, hidden: true });
      if (folder) input.webkitdirectory = true;
      input.addEventListener("change", () => start([...input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name }))));
      root.append(input);
      input.click();
      setTimeout(() => input.remove(), 60000);
    };
    const zone = el("div", { class: "pg-drop" },
      el("div", { class: "pg-drop-title" }, "Drop photos, videos, a folder or a .zip here"),
      el("div", { class: "pg-row pg-center" },
        el("button", { type: "button", class: "pg-button pg-primary", onclick: () => pick(false) }, "Choose files"),
        el("button", { type: "button", class: "pg-button", onclick: () => pick(true) }, "Choose a folder")),
      el("div", { class: "pg-note" }, "JPEG, PNG, WebP, BMP, GIF, TIFF; MP4, WebM, MOV, MKV, AVI, AVCHD; a COCO folder (or .zip) brings its boxes along, MOT, CVAT or VidSTG files beside a video its tracks."));
    zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("pg-over"); });
    zone.addEventListener("dragleave", () => zone.classList.remove("pg-over"));
    zone.addEventListener("drop", async (event) => {
      event.preventDefault();
      zone.classList.remove("pg-over");
      try { start(await filesOf(event.dataTransfer)); } catch (error) { tell([], [], [`A dropped folder could not be read: ${error.message}`]); }
    });
    root.append(zone, work, report);

    const tell = (added, skipped, errors, notes = []) => {
      report.replaceChildren();
      report.hidden = false;
      for (const message of errors) report.append(el("div", { class: "pg-bad" }, message));
      if (added.length) report.append(...added.map((line) => el("div", { class: "pg-good" }, line)));
      if (notes.length) report.append(el("details", { open: notes.length <= 3 }, el("summary", {}, plural(notes.length, "note")), Deixis.reasons(notes)));
      if (!skipped.length) return;
      report.append(el("details", { open: skipped.length <= 12 },
        el("summary", {}, `${plural(skipped.length, "file")} skipped`),
        Deixis.reasons(skipped)));
    };

    const runBatch = async (files, where, sums, handle) => {
      title.textContent = "Sending";
      const answer = await send(project, files, (sent, all) => {
        note.textContent = `${where}${megabytes(sent)} of ${megabytes(all)}`;
        bar.set(sent, all);
      }, handle);
      handle.job = answer.job;
      const job = await Deixis.watchJob(answer.job, (state) => {
        title.textContent = Deixis.jobNames[state.kind] || "Working";
        note.textContent = `${where}${state.note || ""}`;
        bar.set(state.done, state.total);
        document.dispatchEvent(new CustomEvent("deixis:items"));
      });
      const result = job.result || {};
      for (const name of COUNTED) sums[name] = (sums[name] || 0) + (result[name] || 0);
      const proposed = result.proposed || {};
      for (const name of COUNTED) sums.proposed[name] = (sums.proposed[name] || 0) + (proposed[name] || 0);
      for (const [name, count] of Object.entries(proposed.left_out || {})) sums.unlisted[name] = (sums.unlisted[name] || 0) + count;
      sums.skipped.push(...(result.skipped || []), ...(proposed.skipped || []));
      sums.notes.push(...(result.notes || []));
      if (job.state === "failed") sums.errors.push(job.error || "The files could not be added.");
      if (job.state === "cancelled") sums.errors.push("Cancelled: what was added before stays.");
    };

    const start = async (files) => {
      if (!files.length) return;
      if (busy) { tell([], [], ["Files are being added already: wait until they are in, or cancel."]); return; }
      if (!project) { tell([], [], ["Choose or create a project first."]); return; }
      busy = true;
      work.hidden = false;
      report.hidden = true;
      const handle = {}, sums = { proposed: {}, unlisted: {}, skipped: [], notes: [], errors: [] }, parts = batches(files);
      let stopped = false;
      stop = () => {
        stopped = true;
        if (handle.job) Deixis.api("POST", `/api/jobs/${encodeURIComponent(handle.job)}/cancel`).catch((error) => tell([], [], [error.message]));
        else if (handle.request) handle.request.abort();
      };
      for (let n = 0; n < parts.length && !stopped; n++) {
        handle.job = null;
        try { await runBatch(parts[n], parts.length > 1 ? `part ${n + 1} of ${parts.length}, ` : "", sums, handle); }
        catch (error) { sums.errors.push(error.message); break; }
      }
      busy = false;
      work.hidden = true;
      const listed = (counts) => COUNTED.filter((name) => counts[name]).map((name) => plural(counts[name], SINGULAR[name], name)).join(", ");
      const lines = [listed(sums) && `Added ${listed(sums)}`, listed(sums.proposed) && `Proposed ${listed(sums.proposed)}`].filter(Boolean);
      const unlisted = Object.entries(sums.unlisted).map(([name, count]) => (count > 1 ? `${name} (${count})` : name)).join(", ");
      if (unlisted) sums.notes.push(["", `Seen, but not in the label list: ${unlisted}. Add the names you want, then let the editor propose again.`]);
      tell(lines, sums.skipped, sums.errors, sums.notes);
      emit("loaded", {});
    };

    return { update: (value) => { project = value.project || null; } };
  };
})();
