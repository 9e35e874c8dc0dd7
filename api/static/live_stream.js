// One stream of events for all tabs of a browser: it opens at most six connections to a host.
// As a SharedWorker it holds the stream and hands each tab what is of its page; where there are
// no such workers (and where one dies) a tab loads this as a script and holds a stream of its own.
// A network that is cut in silence tells nobody: whoever hears nothing for a while asks anew.
"use strict";

class LiveStream {
  static #SILENT_MS = 3500; // the server's beat comes about every second
  static #SILENT_MAX_MS = 20000;
  static #AGAIN_MS = 1000;
  #tell; #addresses = []; #asking = null; #heard = 0; #patience = LiveStream.#SILENT_MS; #timer = 0;

  // tell(address, kind, data): an event of a page; for all of them "beat", and "cut" without one.
  constructor(tell) {
    this.#tell = tell;
    setInterval(() => {
      if (this.#asking && performance.now() - this.#heard > this.#patience) this.#again(0);
    }, 500);
  }

  open(addresses) {
    this.#addresses = addresses;
    this.#patience = LiveStream.#SILENT_MS;
    this.#begin();
  }

  #begin() {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#asking = this.#addresses.length ? new AbortController() : null;
    this.#heard = performance.now();
    if (this.#asking) this.#read(this.#addresses, this.#asking.signal);
  }

  #again(after) {
    this.#asking?.abort();
    this.#asking = null;
    this.#all("cut");
    this.#patience = Math.min(this.#patience * 1.5, LiveStream.#SILENT_MAX_MS);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#begin(), after);
  }

  #all(kind, data) { for (const it of this.#addresses) this.#tell(it, kind, data); }

  async #read(addresses, signal) {
    const query = new URLSearchParams(addresses.map((it) => ["of", it]));
    try {
      const answer = await fetch(`/events?${query}`, { signal, cache: "no-store" });
      this.#heard = performance.now();
      if (answer.redirected || (answer.status >= 400 && answer.status < 500 && answer.status !== 429)) {
        this.#asking = null;
        this.#all("ended");
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "", of = 0;
      for (;;) {
        const { value, done } = await reader.read();
        if (done || signal.aborted) break;
        this.#heard = performance.now();
        const events = (rest + value).split("\r\n\r\n");
        rest = events.pop();
        for (const event of events) of = this.#take(event, addresses, of);
      }
    } catch (error) { /* the network, the server, or an end of ours */ }
    if (!signal.aborted) this.#again(LiveStream.#AGAIN_MS * (1 + Math.random()));
  }

  #take(event, addresses, of) {
    let kind = "";
    const data = [];
    for (const row of event.split("\r\n")) {
      if (row.startsWith("event: ")) kind = row.slice(7);
      if (row.startsWith("data: ")) data.push(row.slice(6));
    }
    if (kind === "of") return Number(data[0]);
    if (kind === "beat") {
      this.#patience = LiveStream.#SILENT_MS;
      this.#all(kind, data[0]);
    } else if (kind) this.#tell(addresses[of], kind, data.join("\n"));
    return of;
  }
}

if (typeof SharedWorkerGlobalScope !== "undefined") {
  const GONE_MS = 300000; // a tab that says nothing for so long has crashed, or sleeps
  const TABS_MAX = 50; // pages of one stream that the server gives
  const tabs = new Map(); // of each port: its page's address, who looks, when it spoke last
  let opening = 0;
  const stream = new LiveStream((address, kind, data) => {
    for (const [port, tab] of tabs) if (tab.address === address) port.postMessage({ kind, data });
  });
  // A tab that comes is told everything, so that it misses nothing since its page was made.
  const open = () => {
    clearTimeout(opening);
    opening = setTimeout(() => {
      const pages = [...new Set([...tabs.values()].map((tab) => tab.address))];
      stream.open(pages.slice(-TABS_MAX));
    }, 50);
  };
  const forget = (given) => {
    const gone = [...tabs].filter(given);
    for (const [port] of gone) tabs.delete(port);
    return gone;
  };
  setInterval(() => {
    if (forget(([, tab]) => performance.now() - tab.spoke > GONE_MS).length) open();
  }, 60000);

  const take = (port, said) => {
    const tab = tabs.get(port);
    if (said.gone) {
      if (tabs.delete(port)) open();
      return;
    }
    if (!tab) {
      // Somebody else has signed in: what those before were shown is theirs.
      for (const [other] of forget(([, it]) => it.viewer !== said.viewer)) {
        other.postMessage({ kind: "ended" });
      }
      tabs.set(port, { address: said.address, viewer: said.viewer });
      open();
    }
    tabs.get(port).spoke = performance.now();
    port.postMessage({ kind: "here" });
  };
  self.onconnect = ({ ports: [port] }) => { port.onmessage = ({ data }) => take(port, data); };
}
