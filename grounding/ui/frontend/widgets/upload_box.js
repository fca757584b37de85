// The upload box: drop photos, videos, folders or a zip; see them sent, read and proposed; read what was skipped and why.

import { createElement } from "../kit/elements.js";
import { chosenFiles, droppedFiles, fileBatches } from "../kit/file_batches.js";
import { megabytes, plural } from "../kit/format.js";
import { shortName } from "../kit/jobs.js";
import { api, followJob } from "./api.js";
import { progressBar, reasonList } from "./progress_bar.js";

const SINGULAR = { photos: "photo", videos: "video", boxes: "box", phrases: "phrase", tracks: "track" }, COUNTED = Object.keys(SINGULAR);

export function uploadBox(root, emit) {
  let project = null, busy = false, stop = null;
  const bar = progressBar();
  const title = createElement("strong"), note = createElement("span", { class: "pg-note" });
  const cancel = createElement("button", { type: "button", class: "pg-button pg-small", onclick: () => stop && stop() }, ["Cancel"]);
  const work = createElement("div", { class: "pg-work", hidden: true, "aria-live": "polite" }, [createElement("div", { class: "pg-row" }, [title, note, cancel]), bar.node]);
  const report = createElement("div", { class: "pg-report", hidden: true, "aria-live": "polite" });
  const pick = (folder) => {
    const input = createElement("input", { type: "file", multiple: true, hidden: true });
    if (folder) input.webkitdirectory = true;
    input.addEventListener("change", () => start(chosenFiles(input)));
    root.append(input);
    input.click();
    setTimeout(() => input.remove(), 60000);
  };
  const zone = createElement("div", { class: "pg-drop" }, [createElement("div", { class: "pg-drop-title" }, ["Drop photos, videos, a folder or a .zip here"]), createElement("div", { class: "pg-row pg-center" }, [createElement("button", { type: "button", class: "pg-button pg-primary", onclick: () => pick(false) }, ["Choose files"]), createElement("button", { type: "button", class: "pg-button", onclick: () => pick(true) }, ["Choose a folder"])]), createElement("div", { class: "pg-note" }, ["JPEG, PNG, WebP, BMP, GIF, TIFF; MP4, WebM, MOV, MKV, AVI, AVCHD; a COCO folder (or .zip) brings its boxes along, MOT, CVAT or VidSTG files beside a video its tracks."])]);
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("pg-over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("pg-over"));
  zone.addEventListener("drop", async (event) => {
    event.preventDefault();
    zone.classList.remove("pg-over");
    try { start(await droppedFiles(event.dataTransfer)); } catch (error) { tell([], [], [`A dropped folder could not be read: ${error.message}`]); }
  });
  root.append(zone, work, report);

  const tell = (added, skipped, errors, notes = []) => {
    report.replaceChildren();
    report.hidden = false;
    for (const message of errors) report.append(createElement("div", { class: "pg-bad" }, [message]));
    if (added.length) report.append(...added.map((line) => createElement("div", { class: "pg-good" }, [line])));
    if (notes.length) report.append(createElement("details", { open: notes.length <= 3 }, [createElement("summary", {}, [plural(notes.length, "note")]), reasonList(notes)]));
    if (!skipped.length) return;
    report.append(createElement("details", { open: skipped.length <= 12 }, [createElement("summary", {}, [`${plural(skipped.length, "file")} skipped`]), reasonList(skipped)]));
  };

  const runBatch = async (files, where, sums, handle) => {
    title.textContent = "Sending";
    const answer = await api.upload(project, files, (sent, all) => {
      note.textContent = `${where}${megabytes(sent)} of ${megabytes(all)}`;
      bar.set(sent, all);
    }, handle.sending.signal);
    handle.job = answer.job;
    const job = await followJob(answer.job, (state) => {
      title.textContent = shortName(state.kind);
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
    const handle = { job: null, sending: new AbortController() }, sums = { proposed: {}, unlisted: {}, skipped: [], notes: [], errors: [] }, parts = fileBatches(files);
    let stopped = false;
    stop = () => {
      stopped = true;
      if (handle.job) api.cancel(handle.job).catch((error) => tell([], [], [error.message]));
      else handle.sending.abort();
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
}
