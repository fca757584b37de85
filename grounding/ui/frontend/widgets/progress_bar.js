// Small elements of the widgets: a progress bar, and a list of reasons.

import { createElement } from "../kit/elements.js";

/** A thin bar; `set(done, total)` with total 0 shows work without a known end. */
export function progressBar() {
  const fill = createElement("span");
  const node = createElement("div", { class: "pg-bar", role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100" }, [fill]);
  const set = (done, total) => {
    const share = total > 0 ? Math.min(1, done / total) : null;
    node.classList.toggle("pg-unknown", share === null);
    fill.style.width = share === null ? "" : `${(share * 100).toFixed(1)}%`;
    if (share === null) node.removeAttribute("aria-valuenow");
    else node.setAttribute("aria-valuenow", String(Math.round(share * 100)));
  };
  return { node, set };
}

/** A list of [name, sentence]; a sentence that names its file already stands alone. */
export const reasonList = (pairs) => createElement("ul", {}, pairs.map(([name, reason]) => createElement("li", {}, [reason.includes(name) ? null : createElement("code", {}, [`${name} `]), reason])));
