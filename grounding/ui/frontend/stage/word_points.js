// Word points: where the words of a sentence refer to, as numbered dots on the image; the highlighted word as a ring with its text.

const FILL = "#ffd43b", INK = "#101216";

/** `words` are {text, x, y} in picture pixels; `lit` is the one in hand, or -1. */
export function drawPoints(context, words, view, lit) {
  words.forEach((word, i) => (i === lit ? null : dot(context, view.toStage(word), String(i + 1), lit < 0 ? 0.95 : 0.4)));
  if (words[lit]) ring(context, view.toStage(words[lit]), words[lit].text, view.stage.width);
}

function dot(context, { x, y }, text, alpha) {
  context.globalAlpha = alpha;
  context.beginPath();
  context.arc(x, y, 8, 0, 2 * Math.PI);
  context.fillStyle = FILL;
  context.strokeStyle = INK;
  context.lineWidth = 1.5;
  context.fill();
  context.stroke();
  context.fillStyle = INK;
  context.font = "700 10px ui-sans-serif, system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, x, y + 0.5);
  context.textAlign = "start";
  context.globalAlpha = 1;
}

function ring(context, { x, y }, text, wide) {
  for (const [style, thick] of [[INK, 6], [FILL, 3]]) {
    context.beginPath();
    context.arc(x, y, 15, 0, 2 * Math.PI);
    context.strokeStyle = style;
    context.lineWidth = thick;
    context.stroke();
  }
  context.beginPath();
  context.arc(x, y, 3, 0, 2 * Math.PI);
  context.fillStyle = FILL;
  context.fill();
  context.font = "700 12px ui-sans-serif, system-ui, sans-serif";
  const room = context.measureText(text).width + 12, left = Math.min(Math.max(x - room / 2, 2), wide - room - 2), top = y - 40 > 0 ? y - 40 : y + 22;
  context.beginPath();
  context.roundRect(left, top, room, 19, 5);
  context.fillStyle = FILL;
  context.fill();
  context.fillStyle = INK;
  context.textBaseline = "middle";
  context.fillText(text, left + 6, top + 10);
}
