// Phrase templates: which template a proposed phrase is an instance of, and an offer to switch one off.

/** @typedef {import("../editor/context.js").Context} Context */

const ANNOYING = 3; // rejections of one pattern after which it may be switched off at once

export class PhraseTemplates {
  /**
   * `onChange()` hears when the templates of a project are known.
   * @param {Pick<Context, "session" | "notices" | "services">} context
   */
  constructor({ session, notices, services }, onChange) {
    this.session = session;
    this.notices = notices;
    this.services = services;
    this.onChange = onChange;
    this.known = [];
    this.rejections = new Map();
  }

  async load(project) {
    this.known = [];
    this.rejections.clear();
    try {
      const answer = await this.services.api.templates(project);
      if (project === this.session.project) this.known = answer.templates.sort((a, b) => b.name.length - a.name.length);
      this.onChange();
    } catch (failure) {
      console.debug("the templates are not known:", failure.message);
    }
  }

  /** The pattern of a phrase, or undefined: its rule begins with the name. */
  templateOf(annotation) {
    const rule = annotation.value.rule || "";
    return this.known.find((template) => rule.startsWith(`${template.name} `));
  }

  /** Counts a rejection; the third of one pattern brings the offer, once. */
  rejected(annotation) {
    const template = annotation.kind === "phrase" && this.templateOf(annotation);
    if (!template || template.off) return;
    const count = (this.rejections.get(template.name) || 0) + 1;
    this.rejections.set(template.name, count);
    if (count !== ANNOYING) return;
    this.notices.toasts.say(`You rejected ${ANNOYING} phrases like “${template.example}”.`, { action: ["Propose no more of them", () => this.setProposed(template, false)], seconds: 12, slot: "template" });
  }

  async setProposed(template, on) {
    const { session, notices, services } = this;
    try {
      await services.api.turnTemplate(session.project, template.name, on);
      template.off = !on;
      const words = on ? `Phrases like “${template.example}” are proposed again.` : `New proposals leave out phrases like “${template.example}”. The Improve tab lists all templates.`;
      notices.toasts.say(words, { action: on ? null : ["Undo", () => this.setProposed(template, true)], seconds: 8, slot: "template" });
    } catch (failure) {
      notices.toasts.error(failure);
    }
  }
}
