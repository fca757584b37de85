/* The keys of the editor, read from the editor itself. */
(() => {
  "use strict";
  const { el } = Deixis;

  Deixis.keys = (root) => {
    const draw = (map) => root.replaceChildren(...map.map(([group, rows]) => el("section", {}, el("h3", {}, group),
      rows.filter((row) => row[2]).map(([key, , says, where]) => el("div", {}, el("span", {}, where && group !== "Video" && !says.includes(where) ? `${says} (${where})` : says), el("span", {}, spelled(key)))))));
    const fail = (problem) => root.replaceChildren(el("div", { class: "pg-bad" }, `The list of keys could not be loaded: ${problem.message}`));
    return { update: ({ files }) => { if (files) import(`${files}/editor/keymap.js`).then(({ KEYMAP }) => draw(KEYMAP)).catch(fail); } };
  };

  const spelled = (key) => key.split(/(?<=.)\+(?=.)/).flatMap((part) => [el("kbd", {}, part.length === 1 ? part.toUpperCase() : part), " "]);
})();
