// Opens what facts, terms and citations lead to as cards beside them: by mouse, touch and keyboard, without moving the
// page. Without this script the links lead to the same text on its own page, or in the list of references.
(() => {
  "use strict";
  const template = (name, key) => document.querySelector(`template[data-${name}="${CSS.escape(key)}"]`)?.content.cloneNode(true);
  const goOn = (link, text) => {
    const on = document.createElement("a");
    on.href = link.href;
    on.textContent = text;
    const line = document.createElement("p");
    line.className = "card-links";
    line.append(on);
    return line;
  };
  const ofFact = (link) => template("card", link.dataset.fact);
  const ofTerm = (link) => {
    const found = template("term", link.hash.slice(1));
    found?.append(goOn(link, "Open the glossary"));
    return found;
  };
  const ofCitation = (link) => {
    const entry = document.getElementById(link.hash.slice(1))?.querySelector("p");
    if (!entry) return null;
    const found = document.createDocumentFragment();
    found.append(entry.cloneNode(true), goOn(link, "Go to the list of references"));
    return found;
  };
  const kinds = [
    ["a.fact[data-fact]", ofFact, "Evidence card"],
    ["a:has(> .term)", ofTerm, "Glossary"],
    [".bibtex-citation a[href^='#']", ofCitation, "Reference"],
  ];
  const cards = new Map();
  for (const [selector, content, name] of kinds) {
    for (const link of document.querySelectorAll(selector)) {
      if (!cards.has(link) && content(link)) cards.set(link, { content, name });
    }
  }
  const links = [...cards.keys()];
  if (!links.length || !HTMLElement.prototype.showPopover) return;

  const box = document.createElement("div");
  box.id = "evidence-card";
  box.className = "evidence-card";
  box.setAttribute("popover", "auto");
  box.setAttribute("role", "dialog");
  box.tabIndex = -1;
  document.body.append(box);
  let opener = null;

  const place = () => {
    const anchor = opener.getBoundingClientRect();
    const gap = 6;
    const width = Math.min(448, window.innerWidth - 16);
    box.style.width = `${width}px`;
    const height = box.offsetHeight;
    const below = anchor.bottom + gap + height <= window.innerHeight || anchor.top < height + gap;
    box.style.left = `${Math.max(8, Math.min(anchor.left, window.innerWidth - width - 8))}px`;
    box.style.top = `${below ? Math.max(8, Math.min(anchor.bottom + gap, window.innerHeight - height - 8)) : anchor.top - height - gap}px`;
  };

  const open = (link) => {
    const { content, name } = cards.get(link);
    const body = content(link);
    if (!body) return false;
    box.setAttribute("aria-label", name);
    const close = document.createElement("button");
    close.type = "button";
    close.className = "card-close";
    close.textContent = "Close";
    close.addEventListener("click", () => box.hidePopover());
    box.replaceChildren(body, close);
    opener = link;
    box.querySelectorAll(".card-links a").forEach((on) => on.addEventListener("click", () => box.hidePopover()));
    box.showPopover();
    place();
    box.scrollTop = 0;
    box.focus({ preventScroll: true });
    return true;
  };

  box.addEventListener("toggle", (event) => {
    if (!opener) return;
    opener.setAttribute("aria-expanded", String(event.newState === "open"));
    if (event.newState === "closed" && box.contains(document.activeElement)) opener.focus({ preventScroll: true });
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") box.hidePopover();
  });
  window.addEventListener("resize", () => box.matches(":popover-open") && place());

  for (const link of links) {
    link.setAttribute("role", "button");
    link.setAttribute("aria-haspopup", "dialog");
    link.setAttribute("aria-expanded", "false");
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
      if (open(link)) event.preventDefault();
    });
    link.addEventListener("keydown", (event) => {
      if (event.key === " " && open(link)) event.preventDefault();
    });
  }
})();
