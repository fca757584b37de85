// Colours: one a label, told apart by colour-blind eyes too, and text on them that can be read.

/** Okabe and Ito's set, then lighter and darker mixes of it; the order keeps neighbours far apart. */
export const PALETTE = [
  "#e69f00", "#56b4e9", "#009e73", "#f0e442", "#4a7dff", "#d55e00", "#cc79a7", "#a3d977",
  "#9b6dff", "#ff8fab", "#00b8c4", "#c2a878", "#8fd3ff", "#ff6f61", "#7fbf9f", "#d9b3ff",
];

/**
 * A steady colour for a label that the project has none for.
 * @param {string} name
 */
export function fallbackColor(name) {
  let hash = 2166136261;
  for (const char of name || "") hash = Math.imul(hash ^ char.codePointAt(0), 16777619) >>> 0;
  return name ? PALETTE[hash % PALETTE.length] : "#b9c0cc";
}

/** @param {string} hex */
function channels(hex) {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(hex);
  const full = short ? "#" + short.slice(1).map((c) => c + c).join("") : hex;
  const number = parseInt(full.slice(1, 7), 16);
  return [(number >> 16) & 255, (number >> 8) & 255, number & 255];
}

/**
 * Relative luminance after WCAG 2, in [0, 1].
 * @param {string} hex
 */
export function luminance(hex) {
  const [r, g, b] = channels(hex).map((c) => {
    const part = c / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/**
 * Black or white, whichever has more contrast on this colour.
 * @param {string} hex
 */
export const inkOn = (hex) => (luminance(hex) > 0.179 ? "#101216" : "#ffffff");

/** @param {string} text */
export const isColor = (text) => /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(text || "");

/**
 * @param {string} hex
 * @param {number} alpha
 */
export function withAlpha(hex, alpha) {
  const [r, g, b] = channels(hex);
  return `rgba(${r},${g},${b},${alpha})`;
}

/**
 * Label name -> color, from the project's list, with our own where it gives none.
 * @param {{name: string, color?: string}[]} labels
 */
export function labelColors(labels) {
  const colors = new Map(labels.map((label) => [label.name, isColor(label.color) ? label.color : fallbackColor(label.name)]));
  return (/** @type {string} */ name) => colors.get(name) || fallbackColor(name);
}
