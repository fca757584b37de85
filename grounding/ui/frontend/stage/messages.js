// Messages that cover the stage.

import { createElement } from "../kit/elements.js";
import { icon } from "../kit/icons.js";

export const spinner = (text) => createElement("div", { class: "dx-page" }, [createElement("i", { class: "dx-spin big" }), createElement("span", {}, [text])]);

/** A full-stage message: an icon, a title, a sentence, and maybe a button. */
export function stageMessage(name, title, text, action = null) {
  return [createElement("div", { class: "dx-page", "data-over": "" }, [icon(name), createElement("h2", {}, [title]), createElement("p", {}, [text]), action])];
}
