// Prints, for each formula of a JSON list on standard input, the visible characters of what MathJax makes of it.
// Used by hand when formulas are added; readers and tests need neither Node nor MathJax:
//   npm install mathjax-full@3        (in any folder)
//   python formulas.py | NODE_PATH=<that folder>/node_modules node record_mathjax.cjs > mathjax.json
const { mathjax } = require("mathjax-full/js/mathjax.js");
const { TeX } = require("mathjax-full/js/input/tex.js");
const { liteAdaptor } = require("mathjax-full/js/adaptors/liteAdaptor.js");
const { RegisterHTMLHandler } = require("mathjax-full/js/handlers/html.js");
const { AllPackages } = require("mathjax-full/js/input/tex/AllPackages.js");
const { STATE } = require("mathjax-full/js/core/MathItem.js");
const { SerializedMmlVisitor } = require("mathjax-full/js/core/MmlTree/SerializedMmlVisitor.js");

RegisterHTMLHandler(liteAdaptor());
const packages = AllPackages.filter((name) => name !== "bussproofs");
const visitor = new SerializedMmlVisitor();
const formulas = JSON.parse(require("fs").readFileSync(0, "utf8"));
const named = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
const visible = (markup) =>
  markup
    .replace(/<[^>]*>/g, "")
    .replace(/&#x([0-9A-Fa-f]+);/g, (_, code) => String.fromCodePoint(parseInt(code, 16)))
    .replace(/&(\w+);/g, (_, name) => named[name])
    .replace(/[\s\u00a0\u2061-\u2064]/gu, "");
const answers = {};
for (const formula of formulas) {
  const page = mathjax.document("", { InputJax: new TeX({ packages, tags: "ams" }) });
  answers[formula] = visible(visitor.visitTree(page.convert(formula, { display: true, end: STATE.CONVERT })));
}
console.log(JSON.stringify(answers, null, 1));
