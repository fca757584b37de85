// The keymap: which key does what, where.

/**
 * [keys, command, what it does, where: "" everywhere, "photo" or "video"]. The first that fits wins.
 * @type {[string, [string, string, string, string, string?][]][]}
 */
export const KEYMAP = [
  ["Moving on", [
    ["f", "next", "Next photo", "photo"], ["d", "previous", "Previous photo", "photo"],
    ["PageDown", "next", "Next item", ""], ["PageUp", "previous", "Previous item", ""],
    ["Ctrl+Shift+ArrowRight", "nextUnfinished", "Next item not done", ""], ["Ctrl+Shift+ArrowLeft", "previousUnfinished", "Previous item not done", ""],
    ["Ctrl+Enter", "done", "Mark done and go on", ""], ["Ctrl+s", "save", "Save now (it also saves by itself)", ""],
  ]],
  ["Proposals", [
    ["a", "accept", "Accept, and on to the next", ""], ["x", "reject", "Reject, and on to the next", ""],
    ["e", "edit", "Edit the phrase or label", ""], ["Shift+A", "acceptAll", "Accept everything left", ""],
    ["j", "reviewNext", "Next to review", ""], ["Shift+J", "reviewBack", "Previous to review", ""],
    ["c", "cure", "Mend the phrase as its remark says", ""], ["/", "ask", "Ask: type a phrase, see the box", ""], ["p", "addPhrase", "Add a phrase to the chosen boxes", ""],
  ]],
  ["Boxes", [
    ["r", "draw", "Draw a box", ""], ["n", "draw", "Draw one more", ""], ["v", "select", "Choose and move", ""],
    ["1–9", "label", "Give the label with this number", ""], ["Enter", "pickLabel", "Choose a label by typing", ""],
    ["Delete", "remove", "Delete", ""], ["Backspace", "remove", "", ""],
    ["Tab", "cycle", "Next box", ""], ["Shift+Tab", "cycleBack", "Previous box", ""],
    ["ArrowLeft", "left", "Nudge by 1 px, with Shift by 10; with nothing chosen, previous or next", "", "Arrows"], ["ArrowRight", "right", "", ""],
    ["ArrowUp", "up", "", ""], ["ArrowDown", "down", "", ""],
    ["Ctrl+d", "duplicate", "Duplicate", ""], ["Ctrl+c", "copy", "Copy", ""], ["Ctrl+v", "paste", "Paste", ""], ["Ctrl+a", "selectAll", "Choose all", ""],
    ["h", "hide", "Hide or show the chosen (all, if none is chosen)", ""],
    ["q", "occluded", "Covered or not: something hides part of it (in a video: from here)", ""], ["l", "lock", "Lock or unlock the chosen", ""],
    ["w", "describe", "Describe the chosen box, or what is under the pointer", ""],
    ["Ctrl+z", "undo", "Undo", ""], ["Ctrl+Shift+z", "redo", "Redo", ""], ["Ctrl+y", "redo", "", ""],
  ]],
  ["Video", [
    ["f", "frameNext", "Next frame", "video"], [".", "frameNext", "", "video"],
    ["d", "framePrevious", "Previous frame", "video"], [",", "framePrevious", "", "video"],
    ["Space", "play", "Play or stop", "video"], ["k", "keyframe", "Set or remove a keyframe here", "video"],
    ["o", "outside", "Hide from here (until the next keyframe), or show again", "video"],
    [">", "framesOn", "10 frames on", "video"], ["<", "framesBack", "10 frames back", "video"],
    ["[", "keyPrevious", "Previous keyframe", "video"], ["]", "keyNext", "Next keyframe", "video"],
    ["{", "trackStart", "Start of the track", "video"], ["Shift+Home", "trackStart", "", "video"], ["}", "trackEnd", "End of the track", "video"], ["Shift+End", "trackEnd", "", "video"],
    ["Alt+,", "keyEarlier", "This keyframe a frame earlier", "video"], ["Alt+.", "keyLater", "This keyframe a frame later", "video"],
    ["t", "followBox", "Follow the chosen box from here on (again: up to the next keyframe you set)", "video"],
    ["Shift+t", "followBack", "Follow it backwards", "video"], ["Alt+t", "followAll", "Find and follow everything", "video"],
    ["s", "split", "Split the track at this frame", "video"], ["m", "merge", "Merge the two chosen tracks", "video"],
    ["b", "stretch", "Begin a captioned stretch; again: end it (inside one: edit it)", "video"],
    ["z", "timeIn", "See the time closer", "video"], ["Shift+z", "timeOut", "See more of the time", "video"],
    ["Shift+f", "next", "Next item", "video"], ["Shift+d", "previous", "Previous item", "video"],
    ["Home", "frameFirst", "First frame", "video"], ["End", "frameLast", "Last frame", "video"],
  ]],
  ["View", [
    ["0", "fit", "Fit to the window", ""], ["+", "zoomIn", "Zoom in", ""], ["=", "zoomIn", "", ""], ["-", "zoomOut", "Zoom out", ""],
    ["Escape", "escape", "Let go, close, choose nothing", ""], ["F1", "help", "This sheet", ""], ["?", "help", "", ""],
  ]],
];

/** A key press as it is written in the map: "Ctrl+Shift+z", "a", "ArrowLeft". */
export function keyName(event) {
  const ctrl = event.ctrlKey || event.metaKey;
  let key = event.key === " " ? "Space" : event.key;
  const letter = key.length === 1;
  if (letter && (ctrl || !event.shiftKey)) key = key.toLowerCase();
  const shift = event.shiftKey && (!letter || ctrl || /[a-z]/i.test(key));
  return (ctrl ? "Ctrl+" : "") + (event.altKey ? "Alt+" : "") + (shift ? "Shift+" : "") + key;
}

const ANYCASE = (text) => (text.startsWith("Shift+") && text.length === 7 ? "Shift+" + text[6].toLowerCase() : text);

/** The command of a key press for "photo" or "video", or null. */
export function commandForKey(event, kind) {
  const said = ANYCASE(keyName(event));
  if (/^[1-9]$/.test(said)) return "label";
  for (const [, rows] of KEYMAP) {
    for (const [key, command, , where] of rows) if (ANYCASE(key) === said && (!where || where === kind)) return command;
  }
  if (/^Shift\+Arrow/.test(said)) return commandForKey({ key: event.key }, kind);
  return null;
}

/** Keys as a person reads them. */
export function keyCaps(key) {
  const names = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Delete: "Del", Escape: "Esc", PageDown: "PgDn", PageUp: "PgUp" };
  return key.split("+").filter(Boolean).map((part) => names[part] || (part.length === 1 ? part.toUpperCase() : part));
}
