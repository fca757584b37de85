/* The items of a project as a wall of small pictures: open one, mark, throw away, bring back. */
(() => {
  "use strict";
  const { el, api } = Deixis;
  const FILTERS = [["", "All"], ["new", "New"], ["in_progress", "In progress"], ["done", "Done"], ["trash", "Trash"]];
  const NAMES = { new: "New", in_progress: "In progress", done: "Done" };

  Deixis.items = (root, emit) => {
    let project = null, filter = "", next = null, wish = 0;
    const chosen = new Set();
    let last = null;
    const tabs = el("div", { class: "pg-filters", role: "tablist", "aria-label": "Show items" });
    const wall = el("div", { class: "pg-wall" });
    const more = el("button", { type: "button", class: "pg-button", hidden: true, onclick: () => load(false) }, "Show more");
    const error = el("div", { class: "pg-bad", hidden: true });
    const count = el("span", { class: "pg-note" });
    const actions = el("div", { class: "pg-row pg-actions" });
    root.append(el("div", { class: "pg-row pg-bar-top" }, tabs, el("span", { class: "pg-grow" }), count, actions), error, wall, el("div", { class: "pg-row pg-center" }, more));

    const fail = (problem) => { error.textContent = problem.message; error.hidden = false; };
    const each = async (work) => {
      error.hidden = true;
      try { for (const id of [...chosen]) await work(encodeURIComponent(id)); } catch (problem) { fail(problem); }
      chosen.clear();
      await load(true);
      emit("changed", {});
    };
    const drawActions = () => {
      const some = chosen.size > 0;
      count.textContent = some ? `${chosen.size} chosen` : "";
      const button = (text, work) => el("button", { type: "button", class: "pg-button pg-small", onclick: work }, text);
      actions.replaceChildren(...(!some ? [] : filter === "trash"
        ? [button("Restore", () => each((id) => api("POST", `/api/items/${id}/restore`)))]
        : [button("Mark done", () => each((id) => api("POST", `/api/items/${id}/status`, { status: "done" }))),
           button("Mark in progress", () => each((id) => api("POST", `/api/items/${id}/status`, { status: "in_progress" }))),
           button("Move to trash", () => each((id) => api("DELETE", `/api/items/${id}`)))]));
    };
    const drawTabs = (counts = {}) => {
      const all = (counts.new || 0) + (counts.in_progress || 0) + (counts.done || 0);
      const numbers = { "": all, new: counts.new, in_progress: counts.in_progress, done: counts.done, trash: counts.trashed };
      tabs.replaceChildren(...FILTERS.map(([key, name]) => el("button", {
        type: "button", role: "tab", "aria-selected": String(key === filter), class: key === filter ? "pg-on" : "",
        onclick: () => { filter = key; chosen.clear(); load(true); },
      }, name, el("span", { class: "pg-count" }, String(numbers[key] || 0)))));
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
      const box = el("input", { type: "checkbox", "aria-label": `Choose ${item.name}` });
      const open = el("button", { type: "button", class: "pg-open", title: item.name, "aria-label": `Open ${item.name}`, disabled: filter === "trash", onclick: () => emit("open", { item: item.id }) },
        el("img", { src: item.thumb || `/media/${encodeURIComponent(item.id)}/thumb`, alt: "", loading: "lazy", decoding: "async" }));
      box.checked = chosen.has(item.id);
      const card = el("div", { class: box.checked ? "pg-card pg-chosen" : "pg-card", "data-id": item.id }, open,
        item.kind === "video" ? el("span", { class: "pg-tag" }, `${item.frame_count ?? item.frames ?? ""} frames`) : null,
        el("label", { class: "pg-check" }, box),
        el("div", { class: "pg-card-foot" }, el("span", { class: `pg-dot pg-${item.status}`, title: NAMES[item.status] || item.status }), el("span", { class: "pg-name" }, item.name)));
      box.addEventListener("click", (event) => { event.preventDefault(); setTimeout(() => choose(card, item.id, event.shiftKey)); });
      return card;
    };
    const load = async (fresh) => {
      const mine = ++wish;
      if (!project) { wall.replaceChildren(); return; }
      const where = new URLSearchParams({ limit: "100" });
      if (!fresh && next !== null) where.set("after", next);
      if (filter === "trash") where.set("trashed", "true"); else if (filter) where.set("status", filter);
      try {
        const page = await api("GET", `/api/projects/${encodeURIComponent(project)}/items?${where}`);
        if (mine !== wish) return;
        if (fresh) { wall.replaceChildren(); last = null; }
        wall.append(...page.items.map(draw));
        if (fresh) for (const id of [...chosen]) if (!page.items.some((item) => item.id === id)) chosen.delete(id);
        if (!wall.children.length) wall.append(el("div", { class: "pg-empty" }, filter ? "Nothing here." : "No photos or videos yet. Add some with the box above."));
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
  };
})();
