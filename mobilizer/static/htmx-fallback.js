/* Runs right after the CDN's tag, while the page is still parsed: no htmx yet means that it did not come
   (or not as its SRI says), and the copy this site serves is written in its place. */
window.htmx ||
  document.write('<script src="' + document.currentScript.dataset.htmx + '"><\/script>');
