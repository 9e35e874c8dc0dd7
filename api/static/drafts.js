// What is being entered stays when the language is switched: the page is loaded anew, and its forms
// are filled in again. Passwords, PINs, badges, files and what the page itself put in are not kept.
"use strict";

(() => {
  const KEY = `lineproof.draft:${location.pathname}`;
  const NEVER = "[type=password], [type=hidden], [type=file], [name=pin], [name=badge], [name=code], [autocomplete^=one-time], [autocomplete*=password]";
  const fields = () => [...document.querySelectorAll("form :is(input, select, textarea)[name]")]
    .filter((it) => !it.matches(NEVER));
  const places = () => [...document.querySelectorAll("main details")];

  const restore = () => {
    const kept = sessionStorage.getItem(KEY);
    sessionStorage.removeItem(KEY);
    if (!kept) return;
    const { values, open } = JSON.parse(kept);
    fields().forEach((it, at) => {
      const value = values[at];
      if (!value || value.name !== it.name) return;
      if (it.matches("[type=checkbox], [type=radio]")) it.checked = value.checked;
      else it.value = value.value;
    });
    places().forEach((it, at) => { if (open[at]) it.open = true; });
  };

  document.querySelector(".languages")?.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    const values = fields().map(({ name, value, checked }) => ({ name, value, checked }));
    const open = places().map((it) => it.open);
    sessionStorage.setItem(KEY, JSON.stringify({ values, open }));
    // The address may have changed since the page came, as when a stop was selected.
    const address = new URL(location.href);
    address.searchParams.set("lang", new URL(link.href).searchParams.get("lang"));
    link.href = address.href;
  });
  try { restore(); } catch { /* storage is shut off, or holds what is none of ours */ }
})();
