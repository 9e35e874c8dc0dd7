// The plant file as it is typed: line numbers, what is wrong and what it would change, and a draft
// that outlives reload, switch of language and sign-out, for the same person in this browser alone.
// Without this script the button "Check" does the same.
"use strict";

(() => {
  const form = document.getElementById("plant-editor");
  if (!form) return;
  const text = form.elements.namedItem("text");
  const note = form.elements.namedItem("note");
  const beganWith = form.elements.namedItem("began_with");
  const outcome = document.getElementById("outcome");
  const gutter = form.querySelector(".gutter");
  const KEY = `lineproof.plant:${form.dataset.draft}`;
  const SAVING = "lineproof.plant.saving";
  const WAIT_MS = 400;

  const wrongLines = () => new Set(
    [...outcome.querySelectorAll("[data-line]")].map((it) => Number(it.dataset.line)));
  let numbered = "";
  const number = () => {
    const wrong = wrongLines();
    const count = text.value.split("\n").length;
    const wanted = `${count}:${[...wrong]}`;
    if (wanted === numbered) return;
    numbered = wanted;
    gutter.replaceChildren(...Array.from({ length: count }, (_, at) => {
      const row = document.createElement("div");
      row.textContent = at + 1;
      if (wrong.has(at + 1)) row.className = "wrong-line";
      return row;
    }));
    gutter.scrollTop = text.scrollTop;
  };
  text.addEventListener("scroll", () => { gutter.scrollTop = text.scrollTop; });

  // A draft: kept while it differs from what the page came with.
  const cameWith = text.value;
  const keep = () => {
    try {
      if (text.value === cameWith && !form.hasAttribute("data-typed")) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, JSON.stringify({ text: text.value, note: note.value, beganWith: beganWith.value }));
    } catch { /* storage is shut off or full: the form itself still has it */ }
  };
  const restore = () => {
    try {
      if (document.querySelector("[data-saved]")) {
        const saved = sessionStorage.getItem(SAVING);
        if (saved) localStorage.removeItem(saved);
      }
      sessionStorage.removeItem(SAVING);
      const kept = JSON.parse(localStorage.getItem(KEY) || "null");
      if (!kept || form.hasAttribute("data-typed") || kept.text === text.value) return;
      text.value = kept.text;
      note.value = kept.note;
      beganWith.value = kept.beganWith;
      document.getElementById("draft").hidden = false;
      check();
    } catch { /* storage is shut off, or holds what is none of ours */ }
  };
  document.querySelector("#draft button")?.addEventListener("click", () => {
    localStorage.removeItem(KEY);
    location.replace(location.pathname);
  });

  let asked = 0;
  const check = async () => {
    const mine = ++asked;
    let said;
    try {
      const answer = await fetch(form.dataset.check, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      if (!answer.ok) return;
      said = await answer.text();
    } catch { return; /* cut off: the page says so itself, and the button still works */ }
    if (mine !== asked) return; // something was typed since
    const fresh = new DOMParser().parseFromString(said, "text/html");
    outcome.replaceChildren(...fresh.body.childNodes);
    number();
    const summary = outcome.querySelector("[data-summary]")?.dataset.summary;
    const announcer = document.getElementById("announcer");
    if (summary && announcer.textContent !== summary) announcer.textContent = summary;
  };

  let timer;
  note.addEventListener("input", keep);
  text.addEventListener("input", () => {
    asked++;
    outcome.querySelector("[name=checked]")?.remove(); // of another text
    number();
    keep();
    clearTimeout(timer);
    timer = setTimeout(check, WAIT_MS);
  });
  form.addEventListener("submit", (event) => {
    keep();
    if (event.submitter?.value === "save") sessionStorage.setItem(SAVING, KEY);
  });
  outcome.addEventListener("click", (event) => {
    const link = event.target.closest("[data-line]");
    if (!link) return;
    event.preventDefault();
    const lines = text.value.split("\n");
    const at = Number(link.dataset.line) - 1;
    const begin = lines.slice(0, at).join("\n").length + (at ? 1 : 0);
    text.focus();
    text.setSelectionRange(begin, begin + (lines[at] ?? "").length);
    text.scrollTop = Math.max(0, (at - 4) * (text.scrollHeight / lines.length));
  });
  number();
  restore();
  number();
})();
