// Entries at a line: a touch selects a stop, a touch on a reason records it. What is entered is kept
// on the tablet until the server has it: each entry has an id of its own, so one whose answer was
// lost is sent again and recorded once. Entries are sent in the order in which they were made, under
// the name of who made them alone. What the server refuses, or what somebody else has changed
// meanwhile, stays in the list until a person decides. Without this script the same forms are sent
// as forms.
"use strict";

(() => {
  const KEY = "lineproof.entries";
  const UNDO_FOR_MS = 60000;
  const ANSWER_WITHIN_MS = 15000;
  const AGAIN_AFTER_MS = 5000;
  const waiting = document.getElementById("waiting");
  const panel = document.getElementById("entry");
  const form = document.getElementById("entry-form");
  const done = document.getElementById("done");
  const person = form.elements.author.value;
  const here = form.action;
  let sending = false;
  let halted = false;  // somebody else is signed on, or nobody: until this page is looked at again

  const kept = () => {
    try { return JSON.parse(localStorage.getItem(KEY)) || []; } catch { return []; }
  };
  const keep = (entries) => localStorage.setItem(KEY, JSON.stringify(entries));
  const change = (id, changes) => {
    keep(kept().map((it) => (it.id === id ? { ...it, ...changes } : it)));
    show();
  };
  const drop = (id) => { keep(kept().filter((it) => it.id !== id)); show(); };

  // crypto.randomUUID is there over TLS alone; a tablet may come by plain HTTP (RFC 9562, version 4).
  const newId = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((it) => it.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  };

  // ── a stop is selected ──────────────────────────────────────────────
  const select = (link) => {
    const { stop, end, seen, times, following, followingTimes } = link.dataset;
    Object.entries({ stop, seen_end: end, seen, following }).forEach(([name, value]) => {
      form.elements[name].value = value;
    });
    ["comment", "note", "start", "end", "moment"].forEach((name) => { form.elements[name].value = ""; });
    panel.querySelector("[data-times]").textContent = times;
    panel.querySelector("[data-merge]").hidden = !following;
    panel.querySelector("[data-following-times]").textContent = followingTimes;
    const history = link.parentElement.querySelector("template").content.cloneNode(true);
    panel.querySelector("[data-history]").replaceChildren(history);
    panel.hidden = false;
    window.history.replaceState(null, "", link.href);
    mark();
    panel.scrollIntoView({ block: "start" });
    panel.focus({ preventScroll: true });
  };
  const close = () => {
    panel.hidden = true;
    const address = new URL(location.href);
    address.searchParams.delete("at");
    address.hash = "";
    address.searchParams.set("shift", form.elements.stop.value);
    window.history.replaceState(null, "", address);
    mark();
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-stop]");
    const closes = event.target.closest("[data-close]");
    if (!link && !closes) return;
    event.preventDefault();
    if (link) select(link); else close();
  });

  // ── what was entered is kept, and shown as waiting ──────────────────
  const said = (submitter, fields) => {
    const what = submitter.querySelector("span") || submitter;
    const name = [...what.childNodes].find((it) => it.nodeType === Node.TEXT_NODE) || what;
    const times = fields.stop ? ` · ${panel.querySelector("[data-times]").textContent}` : "";
    const amount = fields.amount ? ` ${fields.amount}` : "";
    const words = [fields.comment, fields.do === "note" && fields.note].filter(Boolean);
    return [`${name.textContent.trim()}${amount}${times}`, ...words].join(" · ");
  };
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-entry]")) return;
    const fields = Object.fromEntries(new FormData(event.target, event.submitter));
    const words = said(event.submitter, fields);
    delete fields.form_token;
    const id = newId();
    const entry = { id, to: here, who: person, at: Date.now(), said: words, fields };
    try {
      keep([...kept(), entry]);
    } catch {
      return;  // no room on the tablet: the browser sends the form itself
    }
    event.preventDefault();
    if (event.target === form) close(); else event.target.closest("details")?.removeAttribute("open");
    const note = event.target.querySelector("[name=note]");
    if (note) note.value = "";
    done.hidden = true;
    show();
    send();
  });

  const reasonOf = (it) => {
    if (it.who !== person) return waiting.dataset.other;
    return it.why || waiting.dataset.waits;
  };
  const show = () => {
    const entries = kept();
    waiting.hidden = !entries.length;
    waiting.querySelector("[data-count]").textContent = entries.length;
    waiting.querySelector("ul").replaceChildren(...entries.map((it) => {
      const item = waiting.querySelector("template").content.cloneNode(true);
      const line = decodeURIComponent(it.to.split("/").at(-2));
      item.querySelector("[data-said]").textContent = it.said;
      const at = new Date(it.at).toLocaleTimeString(document.documentElement.lang, { hourCycle: "h23" });
      item.querySelector("[data-by]").textContent = `${line} · ${it.who} · ${at}`;
      const now = it.now?.length ? `${waiting.dataset.now} ${it.now.join("; ")}` : "";
      item.querySelector("[data-why]").textContent = `${reasonOf(it)} ${now}`.trim();
      const mine = item.querySelector("[data-choice=mine]");
      const away = item.querySelector("[data-choice=drop]");
      const again = item.querySelector("[data-choice=again]");
      mine.dataset.id = again.dataset.id = away.dataset.id = it.id;
      mine.hidden = !(it.who === person && it.instead);
      again.hidden = !(it.who === person && it.refused);
      // One that may have arrived is not thrown away: it may be recorded already.
      away.hidden = it.who !== person || (it.tried && !it.stuck);
      return item;
    }));
    mark();
  };
  const mark = () => {
    const entries = kept().filter((it) => it.to === here);
    for (const link of document.querySelectorAll("a[data-stop]")) {
      const mine = entries.filter((it) => it.fields.stop === link.dataset.stop).at(-1);
      let note = link.querySelector(".waits");
      if (mine && !note) {
        note = document.createElement("span");
        note.className = "waits";
        link.querySelector(".why").append(note);
      }
      const text = mine ? `${mine.said.split(" · ")[0]}: ${reasonOf(mine)}` : "";
      if (note && note.textContent !== text) note.textContent = text;
      const selected = !panel.hidden && link.dataset.stop === form.elements.stop.value;
      if (selected) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  waiting.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-choice]");
    if (!choice) return;
    const { id } = choice.dataset;
    if (choice.dataset.choice === "drop") { drop(id); return; }
    const it = kept().find((each) => each.id === id);
    const fields = { ...it.fields, ...it.instead };
    change(id, { fields, stuck: false, refused: false, instead: null, why: "", now: [] });
    send();
  });

  // Whoever entered something else of the same stop after this one knows of this one.
  const knows = ({ who, to, fields: { stop } }, id) => {
    const later = kept().filter((it) => stop && it.fields.stop === stop && it.who === who && it.to === to);
    later.forEach((it) => change(it.id, { fields: { ...it.fields, seen: `${it.fields.seen} ${id}`.trim() } }));
  };

  // ── sending, one after the other ────────────────────────────────────
  const answered = async (it, answer) => {
    const body = await answer.json().catch(() => ({}));
    if (answer.status === 201) {
      drop(it.id);
      knows(it, body.id);
      if (it.to === here) offerUndo(it, body);
    } else if (answer.status === 409 && body.conflict === "person") {
      change(it.id, { why: waiting.dataset.other });
      halted = true;
      return false;
    } else if (answer.status === 409 && body.conflict) {
      const seen = [it.fields.seen || "", ...body.seen].join(" ").trim();
      const instead = { recorded: { seen }, accepted: { knows_accepted: "yes" } }[body.conflict];
      change(it.id, { stuck: true, why: body.sentence, now: body.now, instead: instead || null });
    } else if (answer.status === 401) {
      change(it.id, { why: waiting.dataset.signedOff });
      halted = true;
      return false;
    } else if ([409, 429].includes(answer.status) || answer.status >= 500) {
      change(it.id, { why: waiting.dataset.busy });
      return false;
    } else {
      const why = `${waiting.dataset.refused} ${body.said || body.detail || answer.status}`;
      change(it.id, { stuck: true, refused: true, why, now: [], instead: null });
    }
    return true;
  };
  const post = (it) => fetch(it.to, {
    method: "POST",
    headers: { accept: "application/json" },
    body: new URLSearchParams({
      ...it.fields, identity: it.id, form_token: form.elements.form_token.value,
      ago_s: Math.max(0, (Date.now() - it.at) / 1000),  // the server's clock counts, not this one
    }),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    redirect: "error",
  });
  const send = async () => {
    if (sending || halted) return;
    sending = true;
    try {
      for (;;) {
        const next = kept().find((it) => it.who === person && !it.stuck);
        if (!next) break;
        change(next.id, { tried: true });
        if (!(await answered(next, await post(next)))) break;
      }
    } catch {
      kept().filter((it) => it.who === person && !it.stuck)
        .forEach((it) => change(it.id, { why: "" }));  // no answer: it waits for the network
    } finally {
      sending = false;
    }
  };

  // ── undone at a touch, for a minute ─────────────────────────────────
  let undoEnds;
  const undoUntil = (left) => {
    clearTimeout(undoEnds);
    undoEnds = setTimeout(() => { done.hidden = true; }, left);
  };
  const offerUndo = (it, body) => {
    const left = it.at + UNDO_FOR_MS - Date.now();
    const text = done.querySelector("[data-said]");
    const words = text.dataset.recorded.replace("%s", it.said);
    text.textContent = body.waits ? `${words} ${text.dataset.waiting}` : words;
    const button = done.querySelector("button");
    button.value = `undo:${body.id}`;
    button.hidden = left <= 0 || /^(undo|withdraw|quantity|note)/.test(it.fields.do);
    done.hidden = false;
    undoUntil(Math.max(left, 10000));
  };
  if (!done.hidden) undoUntil(Number(done.dataset.leftS) * 1000);

  // ── the page that says so is kept for a reload without network ──────
  const keepCutOffPage = async () => {
    if (!("serviceWorker" in navigator)) return;  // it is there over TLS alone, and on loopback
    await navigator.serviceWorker.register("/static/cut_off_worker.js", { scope: "/lines/" });
    const wanted = ["/cut-off", ...waiting.dataset.keep.split(" ")];
    const cache = await caches.open("lineproof-cut-off");
    await cache.addAll(wanted.map((it) => new Request(it, { cache: "no-cache" })));
    const addresses = wanted.map((it) => new URL(it, location).href);
    const others = (await cache.keys()).filter((it) => !addresses.includes(it.url));
    await Promise.all(others.map((it) => cache.delete(it)));
  };
  keepCutOffPage().catch(() => {});  // without room, or without network, the browser says it itself

  const list = document.querySelector("[data-live=stops-list]").parentElement;
  new MutationObserver(mark).observe(list, { childList: true });
  window.addEventListener("storage", (event) => { if (event.key === KEY) show(); });
  window.addEventListener("online", send);
  document.addEventListener("visibilitychange", () => {
    halted = false;
    if (document.visibilityState === "visible") send();
  });
  setInterval(() => { if (kept().length) send(); }, AGAIN_AFTER_MS);
  if (!panel.hidden) panel.focus();
  show();
  send();
})();
