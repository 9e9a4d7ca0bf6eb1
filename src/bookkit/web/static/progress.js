// Remembers on this device which pages were read to their end, and marks them in the contents.
(() => {
  "use strict";
  const KEY = "pages-read";
  const nav = document.querySelector("nav.bd-docs-nav");
  const end = document.querySelector(".prev-next-footer, .prev-next-area, .bd-footer-article");
  if (!nav) return;
  let storage;
  try {
    storage = window.localStorage;
    storage.getItem(KEY);
  } catch {
    return; // this browser lets pages keep nothing
  }
  const root = new URL(document.documentElement.dataset.content_root || "./", location.href).href;
  const name = (url) => new URL(url, location.href).href.split(/[?#]/)[0].replace(root, "");
  const load = () => {
    try {
      return new Set(JSON.parse(storage.getItem(KEY) ?? "[]"));
    } catch {
      return new Set();
    }
  };

  const mark = () => {
    const read = load();
    for (const link of nav.querySelectorAll("a.reference.internal")) {
      const known = link.querySelector(".page-read");
      if (!read.has(name(link.href))) known?.remove();
      else if (!known) {
        const sign = document.createElement("span");
        sign.className = "page-read";
        sign.innerHTML = '<span aria-hidden="true"> ✓</span><span class="visually-hidden"> (read)</span>';
        link.append(sign);
      }
    }
    let button = nav.querySelector(".forget-read");
    if (!read.size) button?.remove();
    else if (!button) {
      button = document.createElement("button");
      button.type = "button";
      button.className = "forget-read";
      button.textContent = "Forget which pages I read";
      button.addEventListener("click", () => {
        storage.removeItem(KEY);
        mark();
      });
      nav.append(button);
    }
  };

  mark();
  if (!end) return;
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    try {
      storage.setItem(KEY, JSON.stringify([...load().add(name(location.href))]));
    } catch {
      return; // the device is full
    }
    mark();
  });
  observer.observe(end);
})();
