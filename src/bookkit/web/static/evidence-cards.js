// Turns links to the evidence index into cards. Without this script the links lead to the same text on the index page.
(() => {
  "use strict";
  const links = document.querySelectorAll("a.fact[data-fact]");
  if (!links.length || !HTMLElement.prototype.showPopover) return;

  const box = document.createElement("div");
  box.id = "evidence-card";
  box.className = "evidence-card";
  box.setAttribute("popover", "auto");
  box.setAttribute("role", "dialog");
  box.setAttribute("aria-label", "Evidence card");
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
    const template = document.querySelector(`template[data-card="${CSS.escape(link.dataset.fact)}"]`);
    if (!template) return false;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "card-close";
    close.textContent = "Close";
    close.addEventListener("click", () => box.hidePopover());
    box.replaceChildren(template.content.cloneNode(true), close);
    opener = link;
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
