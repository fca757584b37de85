// The item grid: the items of a project as a wall of small pictures: open one, mark, throw away, bring back.

import { createElement } from "../kit/elements.js";
import { STATUS_FILTERS, statusName } from "../kit/item_status.js";
import { api } from "./api.js";

export function itemGrid(root, emit) {
  let project = null, filter = "", next = null, wish = 0;
  const chosen = new Set();
  let last = null;
  const tabs = createElement("div", { class: "pg-filters", role: "tablist", "aria-label": "Show items" });
  const wall = createElement("div", { class: "pg-wall" });
  const more = createElement("button", { type: "button", class: "pg-button", hidden: true, onclick: () => load(false) }, ["Show more"]);
  const error = createElement("div", { class: "pg-bad", hidden: true });
  const count = createElement("span", { class: "pg-note" });
  const actions = createElement("div", { class: "pg-row pg-actions" });
  root.append(createElement("div", { class: "pg-row pg-bar-top" }, [tabs, createElement("span", { class: "pg-grow" }), count, actions]), error, wall, createElement("div", { class: "pg-row pg-center" }, [more]));

  const fail = (problem) => { error.textContent = problem.message; error.hidden = false; };
  const each = async (work) => {
    error.hidden = true;
    try { for (const id of [...chosen]) await work(id); } catch (problem) { fail(problem); }
    chosen.clear();
    await load(true);
    emit("changed", {});
  };
  const drawActions = () => {
    const some = chosen.size > 0;
    count.textContent = some ? `${chosen.size} chosen` : "";
    const button = (text, work) => createElement("button", { type: "button", class: "pg-button pg-small", onclick: work }, [text]);
    actions.replaceChildren(...(!some ? [] : filter === "trash"
      ? [button("Restore", () => each((id) => api.restore(id)))]
      : [button("Mark done", () => each((id) => api.status(id, "done"))),
         button("Mark in progress", () => each((id) => api.status(id, "in_progress"))),
         button("Move to trash", () => each((id) => api.trash(id)))]));
  };
  const drawTabs = (counts = {}) => {
    const all = (counts.new || 0) + (counts.in_progress || 0) + (counts.done || 0);
    const numbers = { "": all, new: counts.new, in_progress: counts.in_progress, done: counts.done, trash: counts.trashed };
    tabs.replaceChildren(...STATUS_FILTERS.map(([key, name]) => createElement("button", {
      type: "button", role: "tab", "aria-selected": String(key === filter), class: key === filter ? "pg-on" : "",
      onclick: () => { filter = key; chosen.clear(); load(true); },
    }, [name, createElement("span", { class: "pg-count" }, [String(numbers[key] || 0)])])));
  };
  const choose = (card, id, many) => {
    const cards = [...wall.children];
    const from = many && last ? cards.indexOf(last) : -1;
    const picked = from < 0 ? [card] : cards.slice(Math.min(from, cards.indexOf(card)), Math.max(from, cards.indexOf(card)) + 1);
    const on = !chosen.has(id);
    for (const one of picked) {
      one.classList.toggle("pg-chosen", on);
      one.querySelector("input").checked = on;
      if (on) chosen.add(one.dataset.id); else chosen.delete(one.dataset.id);
    }
    last = card;
    drawActions();
  };
  const draw = (item) => {
    const box = createElement("input", { type: "checkbox", "aria-label": `Choose ${item.name}` });
    const open = createElement("button", { type: "button", class: "pg-open", title: item.name, "aria-label": `Open ${item.name}`, disabled: filter === "trash", onclick: () => emit("open", { item: item.id }) }, [createElement("img", { src: item.thumb || `/media/${encodeURIComponent(item.id)}/thumb`, alt: "", loading: "lazy", decoding: "async" })]);
    box.checked = chosen.has(item.id);
    const card = createElement("div", { class: box.checked ? "pg-card pg-chosen" : "pg-card", "data-id": item.id }, [open, item.kind === "video" ? createElement("span", { class: "pg-tag" }, [`${item.frame_count ?? item.frames ?? ""} frames`]) : null, createElement("label", { class: "pg-check" }, [box]), createElement("div", { class: "pg-card-foot" }, [createElement("span", { class: `pg-dot pg-${item.status}`, title: statusName(item.status) || item.status }), createElement("span", { class: "pg-name" }, [item.name])])]);
    box.addEventListener("click", (event) => { event.preventDefault(); setTimeout(() => choose(card, item.id, event.shiftKey)); });
    return card;
  };
  const load = async (fresh) => {
    const mine = ++wish;
    if (!project) { wall.replaceChildren(); return; }
    const trash = filter === "trash", query = { limit: 100, after: fresh ? null : next, status: trash ? "" : filter, trashed: trash ? "true" : "" };
    try {
      const page = await api.items(project, query);
      if (mine !== wish) return;
      if (fresh) { wall.replaceChildren(); last = null; }
      wall.append(...page.items.map(draw));
      if (fresh) for (const id of [...chosen]) if (!page.items.some((item) => item.id === id)) chosen.delete(id);
      if (!wall.children.length) wall.append(createElement("div", { class: "pg-empty" }, [filter ? "Nothing here." : "No photos or videos yet. Add some with the box above."]));
      next = page.next ?? null;
      more.hidden = next === null;
      error.hidden = true;
      drawTabs(page.counts);
      drawActions();
    } catch (problem) { if (mine === wish) fail(problem); }
  };
  new IntersectionObserver((seen) => { if (seen[0].isIntersecting && !more.hidden) load(false); }).observe(more);
  let drawn = 0;
  document.addEventListener("deixis:items", () => {  // something is being loaded: show what is in, now and then
    if (chosen.size || !root.offsetParent || performance.now() - drawn < 2500) return;
    drawn = performance.now();
    load(true);
  });
  drawTabs();
  return { update: (value) => { if (value.project !== project) { filter = ""; chosen.clear(); wall.replaceChildren(); } project = value.project || null; load(true); } };
}
