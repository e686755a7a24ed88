// What was sent on each stream of a session, for clients that come back for the rest.
export class Events {
  #events = [];

  async storeEvent(stream, message) {
    this.#events.push({ stream, message });
    return String(this.#events.length);
  }

  async replayEventsAfter(last, { send }) {
    const { stream } = this.#events[Number(last) - 1];
    for (const [index, event] of this.#events.entries()) {
      const isNew = index >= Number(last) && event.stream === stream;
      if (isNew && Object.keys(event.message).length > 0) await send(String(index + 1), event.message);
    }
    return stream;
  }
}
