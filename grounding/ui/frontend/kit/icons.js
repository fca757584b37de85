// Icons: lines 20 units wide and high, as SVG elements or as paths for a canvas.

/** @type {Record<string, string>} */
const PATHS = {
  select: "M5 3l6.5 14 2-5.5L19 9.5z",
  draw: "M4 7V4h3M13 4h3v3M16 13v3h-3M7 16H4v-3M10 7.5v5M7.5 10h5",
  undo: "M7.5 5L4 8.5 7.5 12M4 8.5h7.5a4 4 0 010 8H9",
  redo: "M12.5 5L16 8.5 12.5 12M16 8.5H8.5a4 4 0 000 8H11",
  plus: "M10 4.5v11M4.5 10h11", minus: "M4.5 10h11",
  fit: "M3.5 7.5v-4h4M12.5 3.5h4v4M16.5 12.5v4h-4M7.5 16.5h-4v-4",
  left: "M12 5l-5 5 5 5", right: "M8 5l5 5-5 5", down: "M5 8l5 5 5-5", up: "M5 12l5-5 5 5",
  check: "M4 10.5l4 4 8-9", cross: "M5.5 5.5l9 9M14.5 5.5l-9 9",
  edit: "M4 16l1-4 8.5-8.5 3 3L8 15z",
  eye: "M2.5 10S5.5 5 10 5s7.5 5 7.5 5-3 5-7.5 5-7.5-5-7.5-5zM10 12.2a2.2 2.2 0 100-4.4 2.2 2.2 0 000 4.4z",
  hidden: "M3 3l14 14M8 5.3A7.3 7.3 0 0110 5c4.5 0 7.5 5 7.5 5a13 13 0 01-2.4 2.9M5.2 6.7A13 13 0 002.5 10S5.5 15 10 15a7 7 0 003-.7",
  trash: "M4 6h12M8 6V4h4v2M5.5 6l.7 10h7.6l.7-10M8.5 9v4.5M11.5 9v4.5",
  help: "M10 17.5a7.5 7.5 0 100-15 7.5 7.5 0 000 15zM7.8 8a2.2 2.2 0 114 1.2c-.6.8-1.8 1.1-1.8 2.3M10 14v.1",
  search: "M9 14.5a5.5 5.5 0 100-11 5.5 5.5 0 000 11zM13 13l4 4",
  spark: "M10 3l1.7 5.3L17 10l-5.3 1.7L10 17l-1.7-5.3L3 10l5.3-1.7z",
  play: "M6 4l10 6-10 6z", pause: "M7 4.5v11M13 4.5v11",
  first: "M5 5v10M15 5l-6 5 6 5z", key: "M10 4l6 6-6 6-6-6z",
  warn: "M10 3.5l7.5 13h-15zM10 8.5v4M10 14.4v.1", more: "M5 10h.1M10 10h.1M15 10h.1",
  upload: "M10 13V4M6.5 7.5L10 4l3.5 3.5M4 13v3h12v-3", restore: "M4 4v4h4M4.5 8a6.2 6.2 0 11-.6 4",
  link: "M8.5 11.5l3-3M7 9L5 11a2.8 2.8 0 004 4l2-2M13 11l2-2a2.8 2.8 0 00-4-4L9 7",
  film: "M3.5 4.5h13v11h-13zM3.5 8h3M3.5 12h3M13.5 8h3M13.5 12h3M6.5 4.5v11M13.5 4.5v11",
  follow: "M3 14c3 0 3-8 7-8h5M12.5 3.5L15 6l-2.5 2.5M3 14h.1",
  lock: "M6.5 9V7a3.5 3.5 0 017 0v2M5 9h10v7H5z", unlock: "M6.5 9V7a3.5 3.5 0 016.8-1.2M5 9h10v7H5z",
  split: "M10 3v14M6.5 7l-3 3 3 3M13.5 7l3 3-3 3", merge: "M2.5 10h5M17.5 10h-5M5.5 7l3 3-3 3M14.5 7l-3 3 3 3",
  covered: "M4 13V4h9M8 8h8v8H8z", keyBack: "M11 4l-6 6 6 6 6-6zM2.5 5v10", keyNext: "M9 4l6 6-6 6-6-6zM17.5 5v10",
  say: "M3.5 4h13v9H9l-3.5 3v-3h-2z", stretch: "M4 5v10M16 5v10M6.5 10h7M8.5 8l-2 2 2 2M11.5 8l2 2-2 2",
  panel: "M3.5 4.5h13v11h-13zM8 4.5v11",
};

const SVG = "http://www.w3.org/2000/svg";

/**
 * An SVG element with attributes and children.
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 */
export function createSvg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** @param {string} name */
export const icon = (name) => createSvg("svg", { viewBox: "0 0 20 20", "aria-hidden": "true", class: "dx-icon" }, createSvg("path", { d: PATHS[name] }));

/**
 * The lines of an icon, for a canvas; 20 units wide and high.
 * @param {string} name
 */
export const iconPath = (name) => new Path2D(PATHS[name]);
