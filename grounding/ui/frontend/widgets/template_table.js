// The template table: what people made of the phrases of each template, with a small chart, and a switch for each.

import { createElement } from "../kit/elements.js";
import { plural, spacedPercent } from "../kit/format.js";
import { createSvg } from "../kit/icons.js";
import { api } from "./api.js";

const WIDE = 180, HIGH = 14, LEAST = 3;
const FATES = [["accepted", "Accepted"], ["edited", "Edited"], ["rejected", "Rejected"]];

const sum = (row) => row.accepted + row.edited + row.rejected;

/** One piece of a bar: told apart by its pattern as well as by its colour. */
const piece = (fate, x, width) => {
  const group = createSvg("g", { class: `pg-fate-${fate}` }, createSvg("rect", { x, y: 0, width, height: HIGH }));
  const lines = [];
  if (fate === "edited") for (let at = x - HIGH; at < x + width; at += 6) lines.push(`M${Math.max(at, x)} ${HIGH - Math.max(x - at, 0)}L${Math.min(at + HIGH, x + width)} ${Math.max(0, at + HIGH - x - width)}`);
  if (fate === "rejected") for (let at = x + 3; at < x + width; at += 5) lines.push(`M${at} 0V${HIGH}`);
  if (lines.length) group.append(createSvg("path", { d: lines.join("") }));
  return group;
};

const chart = (row, most) => {
  const words = FATES.map(([fate, name]) => `${row[fate]} ${name.toLowerCase()}`).join(", ");
  const bar = createSvg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, width: WIDE, height: HIGH, role: "img", "aria-label": words });
  let x = 0;
  for (const [fate] of FATES) {
    if (!row[fate]) continue;
    const width = Math.max(LEAST, (row[fate] / most) * (WIDE - 3 * LEAST));
    bar.append(piece(fate, x, width));
    x += width + 1;
  }
  return bar;
};

const legend = () => createElement("div", { class: "pg-legend", "aria-hidden": "true" }, FATES.map(([fate, name]) => createElement("span", {}, [createSvg("svg", { width: 22, height: HIGH, viewBox: `0 0 22 ${HIGH}` }, piece(fate, 0, 22)), name])));

const example = (row) => {
  const seen = row.seen ? [createElement("br"), createElement("span", { class: "pg-note" }, [`here for example \u201c${row.seen}\u201d`])] : [];
  return createElement("th", { scope: "row" }, [row.example ? `\u201c${row.example}\u201d` : row.name, seen]);
};

const verdict = (row, most) => {
  if (sum(row)) return createElement("td", { class: "pg-chart" }, [chart(row, most)]);
  return createElement("td", { class: "pg-chart pg-note" }, [row.waiting ? `not judged yet, ${plural(row.waiting, "phrase waits", "phrases wait")}` : "not judged yet"]);
};

const number = (value) => createElement("td", { class: "pg-num" }, [value ? value.toLocaleString("en") : "\u2013"]);

export function templateTable(root) {
  let project = null, rows = [];
  const state = createElement("p", { class: "pg-note", role: "status" });
  const empty = createElement("p", { class: "pg-lead", hidden: true }, ["Nobody has judged a proposed phrase here yet. Accept, edit or reject some on the Annotate tab (A, E, X), and their share shows here."]);
  const body = createElement("tbody");
  const kept = createElement("th", { class: "pg-num", title: "Accepted or edited, of all that were judged" }, ["Kept"]);
  const head = createElement("thead", {}, [createElement("tr", {}, [createElement("th", {}, ["Phrases like"]), createElement("th", {}, ["Judged"]), FATES.map(([, name]) => createElement("th", { class: "pg-num" }, [name])), kept, createElement("th", { class: "pg-num" }, ["Propose"])])]);
  const table = createElement("table", { class: "pg-table pg-templates", "aria-label": "Accepted, edited and rejected phrases by template" }, [head, body]);
  root.append(empty, legend(), table, state);

  const turn = async (row, button) => {
    const on = row.off;
    button.setAttribute("aria-checked", String(on));
    try {
      await api.turnTemplate(project, row.name, on);
      row.off = !on;
      state.textContent = on ? "Proposed again from now on." : "Left out from now on. Phrases that wait already stay until \u201cPropose again\u201d on the Project tab.";
      state.className = "pg-note";
    } catch (problem) {
      state.textContent = problem.message;
      state.className = "pg-bad";
    }
    button.setAttribute("aria-checked", String(!row.off));
    button.closest("tr").classList.toggle("pg-off", row.off);
  };
  const line = (row, most) => {
    const button = createElement("button", { type: "button", role: "switch", class: "pg-switch", "aria-checked": String(!row.off), "aria-label": `Propose phrases like ${row.example || row.name}`, onclick: () => turn(row, button) }, [createElement("span")]);
    const share = sum(row) ? spacedPercent((row.accepted + row.edited) / sum(row)) : "\u2013";
    return createElement("tr", { class: row.off ? "pg-off" : "" }, [example(row), verdict(row, most), FATES.map(([fate]) => number(row[fate])), createElement("td", { class: "pg-num" }, [share]), createElement("td", { class: "pg-num" }, [button])]);
  };
  const draw = () => {
    const most = Math.max(1, ...rows.map(sum));
    const judged = rows.some(sum);
    empty.hidden = judged || !rows.length;
    root.querySelector(".pg-legend").hidden = !judged;
    body.replaceChildren(...rows.map((row) => line(row, most)));
  };
  const load = async () => {
    if (!project) { rows = []; draw(); return; }
    const asked = project;
    try {
      const answer = await api.templates(asked);
      if (asked !== project) return;
      rows = answer.templates.sort((a, b) => sum(b) - sum(a));
      state.textContent = "";
      draw();
    } catch (problem) { state.textContent = problem.message; state.className = "pg-bad"; }
  };
  return { update: (value) => { project = value.project || null; load(); } };
}
