// The keymap as a table: the keys of the editor, on the help tab.

import { KEYMAP } from "../editor/keymap.js";
import { createElement } from "../kit/elements.js";

const keyCaps = (key) => key.split(/(?<=.)\+(?=.)/).flatMap((part) => [createElement("kbd", {}, [part.length === 1 ? part.toUpperCase() : part]), " "]);

function rowOf(group, row) {
  const [key, , says, where] = row;
  const words = where && group !== "Video" && !says.includes(where) ? `${says} (${where})` : says;
  return createElement("div", {}, [createElement("span", {}, [words]), createElement("span", {}, keyCaps(key))]);
}

export function keymapTable(root) {
  root.replaceChildren(...KEYMAP.map(([group, rows]) => createElement("section", {}, [createElement("h3", {}, [group]), ...rows.filter(([, , says]) => says).map((row) => rowOf(group, row))])));
  return { update: () => null };
}
