// Events: listeners by name, called in the order in which they were added.

export class Events {
  constructor() {
    /** @type {Map<string, ((detail?: any) => void)[]>} */
    this.listeners = new Map();
  }

  /**
   * @param {string} event
   * @param {(detail?: any) => void} listener
   */
  on(event, listener) {
    if (!this.listeners.has(event)) this.listeners.set(event, []);
    this.listeners.get(event).push(listener);
  }

  /**
   * @param {string} event
   * @param {any} detail
   */
  emit(event, detail = undefined) { (this.listeners.get(event) || []).forEach((listener) => listener(detail)); }
}
