// Templates: by which pattern a proposed phrase was written, said by an example, and an offer to stop one that annoys.

const ANNOYING = 3; // rejections of one pattern after which it may be switched off at once

export class PhraseTemplates {
  constructor(ed) {
    this.ed = ed;
    this.known = [];
    this.rejections = new Map();
  }

  async load(project) {
    this.known = [];
    this.rejections.clear();
    try {
      const answer = await this.ed.api.templates(project);
      if (project === this.ed.project) this.known = answer.templates.sort((a, b) => b.name.length - a.name.length);
      this.ed.panel.draw();
    } catch (failure) {
      console.debug("the templates are not known:", failure.message);
    }
  }

  /** The pattern of a phrase, or undefined: its rule begins with the name. */
  of(head) {
    const rule = head.value.rule || "";
    return this.known.find((template) => rule.startsWith(`${template.name} `));
  }

  /** Counts a rejection; the third of one pattern brings the offer, once. */
  rejected(head) {
    const template = head.kind === "phrase" && this.of(head);
    if (!template || template.off) return;
    const count = (this.rejections.get(template.name) || 0) + 1;
    this.rejections.set(template.name, count);
    if (count !== ANNOYING) return;
    this.ed.toasts.say(`You rejected ${ANNOYING} phrases like “${template.example}”.`, { action: ["Propose no more of them", () => this.turn(template, false)], seconds: 12, slot: "template" });
  }

  async turn(template, on) {
    const { ed } = this;
    try {
      await ed.api.turnTemplate(ed.project, template.name, on);
      template.off = !on;
      const words = on ? `Phrases like “${template.example}” are proposed again.` : `New proposals leave out phrases like “${template.example}”. The Improve tab lists all templates.`;
      ed.toasts.say(words, { action: on ? null : ["Undo", () => this.turn(template, true)], seconds: 8, slot: "template" });
    } catch (failure) {
      ed.toasts.error(failure);
    }
  }
}
