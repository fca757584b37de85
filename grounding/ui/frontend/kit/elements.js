// Elements: builds DOM elements from text, never from markup.

import { icon } from "./icons.js";

/**
 * createElement("button", {class: "x", title: "t", onclick: f}, ["text", child]): text goes in as text, never as markup; empty children are left out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any>} attributes
 * @param {any} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function createElement(tag, attributes = {}, children = []) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  for (const child of [children].flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
  return element;
}

/**
 * @param {HTMLElement} element
 * @param {string} name
 * @param {any} value
 */
function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "style") Object.entries(value).forEach(([key, v]) => element.style.setProperty(key, v));
  else if (name in element && (name === "value" || name === "disabled" || name === "hidden")) /** @type {any} */ (element)[name] = value;
  else element.setAttribute(name, value === true ? "" : String(value));
}

/**
 * A button with an icon; `key` is shown in the tooltip, `text` beside the icon if given.
 * @param {string} name
 * @param {string} title
 * @param {(event: MouseEvent) => any} onclick
 * @param {{key?: string, text?: string, kind?: string}} options
 */
export function button(name, title, onclick, { key = "", text = "", kind = "" } = {}) {
  const label = key ? `${title} (${key})` : title;
  const children = [name ? icon(name) : null, text ? createElement("span", {}, [text]) : null];
  return createElement("button", { type: "button", class: `dx-button ${kind}`, title: label, "aria-label": title, onclick }, children);
}

/** @param {any} target */
export const isTyping = (target) => !!target && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName || ""));
