// The help sheet: all keys, for a dialog.

import { createElement } from "../kit/elements.js";
import { keyCaps, KEYMAP } from "./keymap.js";

function helpRow(rows, row) {
  const [, command, says, , shown] = row;
  const same = rows.filter((other) => other[1] === command && (other[2] === says || other[2] === ""));
  const keys = shown ? [createElement("kbd", {}, [shown])] : same.flatMap(([name], i) => [i ? " " : null, ...(name === "+" ? ["+"] : keyCaps(name)).map((part) => createElement("kbd", {}, [part]))]);
  return createElement("div", { class: "dx-help-row" }, [createElement("dt", {}, keys), createElement("dd", {}, [says])]);
}

/** The sheet of all keys, for a dialog. */
export function helpSheet() {
  const columns = KEYMAP.map(([title, rows]) => createElement("section", {}, [
    createElement("h3", {}, [title]), createElement("dl", {}, rows.filter((row) => row[2]).map((row) => helpRow(rows, row))),
  ]));
  const mouse = createElement("p", { class: "dx-quiet" }, ["Wheel zooms at the pointer. Drag on empty ground, or with Space or the middle button, pans. "
    + "Shift-click or Shift-drag chooses several. A click on overlapping boxes goes through them. Two fingers pan and zoom."]);
  return createElement("div", { class: "dx-help" }, [...columns, mouse]);
}
