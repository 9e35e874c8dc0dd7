// The moment of printing, in the zone of the plant: the page may have been open for long.
"use strict";

addEventListener("beforeprint", () => {
  for (const time of document.querySelectorAll("time[data-printed]")) {
    const language = document.documentElement.lang;
    const format = { dateStyle: "medium", timeStyle: "short", hour12: false, timeZone: time.dataset.zone };
    time.textContent = new Date().toLocaleString(language === "en" ? "en-HK" : language, format);
  }
});
