// The label editor: names, colours, the digit that gives each, saved as soon as they change.

import { createElement } from "../kit/elements.js";
import { api } from "./api.js";

export function labelEditor(root, emit) {
  let project = null, rows = [], serial = 0;
  const list = createElement("div", { class: "pg-labels", role: "list" });
  const state = createElement("span", { class: "pg-note", "aria-live": "polite" });
  const fresh = createElement("input", { type: "text", class: "pg-input", placeholder: "New label", maxlength: "80", "aria-label": "New label" });
  const add = createElement("button", { type: "button", class: "pg-button", onclick: () => append() }, ["Add"]);
  fresh.addEventListener("keydown", (event) => { if (event.key === "Enter") append(); });
  root.append(list, createElement("div", { class: "pg-row" }, [fresh, add, state]));

  const say = (text, kind = "pg-note") => { state.textContent = text; state.className = kind; };
  const save = async () => {
    const mine = ++serial;
    say("Saving");
    try {
      const labels = rows.map(({ id, name, color }) => (id ? { id, name, color } : { name, ...(color ? { color } : {}) }));
      const answer = await api.patchProject(project, { labels });
      if (mine !== serial) return;
      say("Saved");
      rows = answer.labels || rows;
      draw();
      emit("saved", {});
    } catch (problem) {
      say(problem.message, "pg-bad");
    }
  };
  const append = () => {
    const names = fresh.value.split(/[,;\n]/).map((name) => name.trim()).filter(Boolean);
    const known = new Set(rows.map((row) => row.name.toLowerCase()));
    const wanted = names.filter((name) => !known.has(name.toLowerCase()));
    if (!project) return;
    if (!wanted.length) { say(names.length ? `${names.join(", ")}: in the list already.` : "Type a name first."); fresh.focus(); return; }
    rows = [...rows, ...wanted.map((name) => ({ name }))];
    fresh.value = "";
    save().then(() => { list.scrollTop = list.scrollHeight; });
  };
  const rename = (row, name) => {
    if (!name.trim() || name.trim() === row.name) { draw(); return; }
    row.name = name.trim();
    save();
  };
  const draw = () => {
    list.replaceChildren(...rows.map((row, n) => createElement("div", { class: "pg-label", role: "listitem" }, [createElement("input", { type: "color", value: row.color || "#888888", "aria-label": `Colour of ${row.name}`, onchange: (event) => { row.color = event.target.value; save(); } }), createElement("input", { type: "text", class: "pg-input pg-quiet", value: row.name, maxlength: "80", "aria-label": `Name of label ${n + 1}`, onchange: (event) => rename(row, event.target.value) }), n < 9 ? createElement("kbd", { title: `Press ${n + 1} to give this label` }, [String(n + 1)]) : null, createElement("button", { type: "button", class: "pg-icon", title: `Remove ${row.name}`, "aria-label": `Remove ${row.name}`, onclick: () => { rows = rows.filter((one) => one !== row); save(); } }, ["\u00d7"])])));
  };
  const load = async () => {
    if (!project) { rows = []; draw(); return; }
    try {
      const all = await api.projects();
      const found = all.find((one) => String(one.id) === String(project));
      rows = found ? found.labels : [];
      say("");
      draw();
    } catch (problem) { say(problem.message, "pg-bad"); }
  };
  return { update: (value) => { project = value.project || null; load(); } };
}
