// Without network a tablet that is reloaded shows the page that says so (cut_off.html), which
// `entry.js` keeps. It is the only page that is ever given from the tablet itself: what a line did
// earlier is never shown as what it does now. Assets under their digest (?v=) never change.
"use strict";

const CUT_OFF = "/cut-off";
const ANSWER_WITHIN_MS = 15000;
const ENTRY_PAGE = /^\/lines\/[^/]+\/stops$/;

const fromServer = (request) => Promise.race([
  fetch(request),
  new Promise((_, reject) => { setTimeout(() => reject(new Error("no answer")), ANSWER_WITHIN_MS); }),
]);
const cutOff = async () =>
  (await caches.match(CUT_OFF, { ignoreVary: true })) || Response.error();

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, searchParams } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && ENTRY_PAGE.test(pathname)) {
    event.respondWith(fromServer(request).catch(cutOff));
  } else if (pathname.startsWith("/static/") && searchParams.has("v")) {
    event.respondWith(caches.match(request).then((kept) => kept || fetch(request)));
  }
});
