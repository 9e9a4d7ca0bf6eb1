// Draws the interactive figures. Until then, and without this script, each is a picture.
(() => {
  "use strict";
  const figures = [...document.querySelectorAll("figure.interactive, .interactive")].filter((f) => f.querySelector("script.vega-spec"));
  if (!figures.length) return;
  const here = document.currentScript?.src || [...document.scripts].map((s) => s.src).find((s) => s.includes("interactive.js"));
  const bundle = new URL("vega-bundle.js", here);

  let waiting = null;
  const loadBundle = () => {
    waiting ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = bundle;
      script.onload = () => resolve(window.bookVegaEmbed);
      script.onerror = reject;
      document.head.append(script);
    });
    return waiting;
  };

  // The book's colours, lightened for dark pages; the chart itself carries those for light ones.
  const LIGHT = ["#8cc4ea", "#f0a58f", "#93cfa5", "#cfb0e3", "#dcc37a"];
  const ink = () => {
    const style = getComputedStyle(document.documentElement);
    const text = style.getPropertyValue("--pst-color-text-base").trim() || "#222";
    const quiet = style.getPropertyValue("--pst-color-border").trim() || "#999";
    const dark = document.documentElement.dataset.theme === "dark";
    const marks = dark ? { line: { color: LIGHT[0] }, point: { color: LIGHT[0] }, bar: { color: LIGHT[0] }, range: { category: LIGHT } } : {};
    return {
      ...marks,
      axis: { labelColor: text, titleColor: text, domainColor: quiet, tickColor: quiet, gridColor: quiet },
      legend: { labelColor: text, titleColor: text },
      title: { color: text },
      text: { color: text, fill: text },
    };
  };
  const merged = (base, extra) => {
    const result = { ...base };
    for (const [key, value] of Object.entries(extra)) result[key] = { ...(base?.[key] ?? {}), ...value };
    return result;
  };

  const draw = async (figure) => {
    const picture = figure.querySelector("img");
    const spec = JSON.parse(figure.querySelector("script.vega-spec").textContent);
    let place = figure.querySelector(".vega-place");
    const before = figure.vega?.view.getState({ signals: (name) => spec.params?.some((p) => p.name === name), data: () => false });
    try {
      const embed = await loadBundle();
      if (!place) {
        place = document.createElement("div");
        place.className = "vega-place";
        place.style.minHeight = `${picture.offsetHeight}px`; // nothing below moves while the chart is drawn
      }
      const chart = document.createElement("div");
      spec.config = merged(spec.config, ink());
      const options = { actions: false, renderer: "svg", tooltip: true, logLevel: 1 };
      picture.closest("a, picture")?.before(place) ?? picture.before(place);
      place.replaceChildren(chart);
      const room = place.clientWidth - 80; // what the axis and its title take
      if (typeof spec.width === "number" && spec.width > room) spec.width = Math.max(200, room);
      figure.vega?.finalize();
      figure.vega = await embed(chart, spec, options);
      if (before) await figure.vega.view.setState(before).runAsync();
      place.setAttribute("role", "group");
      place.setAttribute("aria-label", spec.description);
      (picture.closest("a.image-reference, picture") ?? picture).hidden = true;
      picture.hidden = true;
    } catch (error) {
      place?.remove(); // the picture stays
      console.warn("interactive figure:", error);
    }
  };

  const observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        observer.unobserve(entry.target);
        draw(entry.target);
      }
    },
    { rootMargin: "600px" },
  );
  figures.forEach((figure) => observer.observe(figure));

  new MutationObserver(() => figures.filter((figure) => figure.vega).forEach(draw)).observe(document.documentElement, {
    attributes: true,
    attributeFilter: ["data-theme"],
  });
  // Paper gets the picture.
  window.addEventListener("beforeprint", () => figures.forEach((f) => f.querySelectorAll("img").forEach((i) => (i.hidden = false))));
  window.addEventListener("afterprint", () => figures.forEach((f) => f.vega && f.querySelectorAll("img").forEach((i) => (i.hidden = true))));
})();
