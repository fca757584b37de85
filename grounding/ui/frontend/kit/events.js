// Events: listeners by name, called in the order in which they were added.

export class Events {
  constructor() { this.listeners = new Map(); }

  on(event, listener) {
    if (!this.listeners.has(event)) this.listeners.set(event, []);
    this.listeners.get(event).push(listener);
  }

  emit(event, detail = undefined) { (this.listeners.get(event) || []).forEach((listener) => listener(detail)); }
}
