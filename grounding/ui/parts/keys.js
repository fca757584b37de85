/* The keys of the editor, read from the editor itself. */
(() => {
  "use strict";
  const { el } = Deixis;

  Deixis.keys = (root) => {
    const draw = () => {
      const map = window.DeixisEditor && window.DeixisEditor.KEYMAP;
      if (!map) { setTimeout(draw, 500); return; }
      root.replaceChildren(el("div", { class: "pg-keys" }, map.flatMap(([group, rows]) => rows.filter((row) => row[2]).map(([key, , says, where]) =>
        el("div", { title: group }, el("span", {}, says, where ? el("em", {}, ` ${where}`) : null),
          el("span", {}, key.split(/(?<=.)\+(?=.)/).map((part) => el("kbd", {}, part))))))));
    };
    draw();
    return { update: () => {} };
  };
})();
