// Search shows a line of each page that it finds, and fetches the page for it. A page opened from the file system may not
// read its neighbours, so the offline copy carries their texts here, in `offlinePages`.
(() => {
  "use strict";
  const ask = window.fetch;
  window.fetch = (address, ...options) => {
    const page = offlinePages[String(address).replace(/^\.\//, "")];
    return page === undefined ? ask(address, ...options) : Promise.resolve(new Response(page));
  };
})();
