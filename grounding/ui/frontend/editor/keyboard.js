// The keyboard handler: key presses to commands.

import { isTyping } from "../kit/elements.js";
import { commandForKey } from "./keymap.js";

/** Keys that mean the same as a click on a focused button or row and are left to it. */
const belongsToFocus = (event) => /^(Enter| |Tab|ArrowUp|ArrowDown|ArrowLeft|ArrowRight|Home|End)$/.test(event.key)
  && event.target.closest && !!event.target.closest("button, a, [role=slider], [role=option], [role=menu], [role=dialog], summary");

export class Keyboard {
  /** `commands` maps names to functions of the event; one that answers false lets the browser have the key. */
  constructor(root, commands, kindOf, pointer) {
    this.root = root;
    this.commands = commands;
    this.kindOf = kindOf;
    this.pointer = pointer;
    this.onDown = (event) => this.down(event);
    this.onUp = (event) => this.up(event);
    document.addEventListener("keydown", this.onDown);
    document.addEventListener("keyup", this.onUp);
  }

  active(event) {
    if (!this.root.offsetParent || event.defaultPrevented) return false;
    const inside = this.root.contains(event.target) || event.target === document.body;
    return inside && !isTyping(event.target);
  }

  down(event) {
    if (!this.active(event) || belongsToFocus(event)) return;
    if (event.key === " ") return this.spaceDown(event);
    const command = commandForKey(event, this.kindOf());
    const work = command && this.commands[command];
    if (!work || (event.repeat && ONCE.has(command))) return;
    if (work(event) !== false) event.preventDefault();
  }

  spaceDown(event) {
    event.preventDefault();
    if (event.repeat) return;
    this.spaceAt = performance.now();
    this.pointer.setSpaceHeld(true);
  }

  up(event) {
    if (event.key !== " " || !this.pointer.spaceHeld) return;
    const dragged = this.pointer.gesture !== null;
    this.pointer.setSpaceHeld(false);
    if (!dragged && performance.now() - this.spaceAt < 350 && this.kindOf() === "video") this.commands.play(event);
  }

  stop() {
    document.removeEventListener("keydown", this.onDown);
    document.removeEventListener("keyup", this.onUp);
  }
}

const ONCE = new Set(["accept", "reject", "acceptAll", "done", "draw", "remove", "hide", "play", "help", "save", "cure", "split", "merge", "lock", "occluded", "outside", "keyframe", "followBox", "followBack", "followAll", "stretch", "describe"]);
