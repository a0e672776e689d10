// Shows the code of this half minute from those that the page has brought along, also without a network: by the phone's
// clock, set right by the server's time at the first opening.
(() => {
  "use strict";
  const box = document.getElementById("screen-code");
  if (!box) return;
  const { now, step, first, codes, size, patterns, left, over } = box.dataset;
  const name = `code-clock ${now}`;
  let ahead = Date.now() - now;
  try {
    ahead = Number(sessionStorage.getItem(name) ?? ahead);
    sessionStorage.setItem(name, ahead);
  } catch { /* without storage a page that is opened again from memory may be late */ }
  const [base, ...turned] = patterns.split(" ").map((text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)));
  const digits = box.querySelector(".code-big"), path = box.querySelector("path"), said = box.querySelector("[data-said]");
  const draw = (code) => {
    const bytes = Uint8Array.from(base);
    [...code].forEach((digit, place) => {
      for (let bit = 0; bit < 4; bit += 1) {
        if (digit >> bit & 1) turned[place * 4 + bit].forEach((turn, at) => { bytes[at] ^= turn; });
      }
    });
    let drawn = "";
    for (let at = 0; at < size * size; at += 1) {
      if (bytes[at >> 3] >> (7 - at % 8) & 1) drawn += `M${at % size} ${Math.floor(at / size)}h1v1h-1z`;
    }
    path.setAttribute("d", drawn);
  };
  let shown = -1;
  const tick = () => {
    const seconds = (Date.now() - ahead) / 1000;
    const which = Math.floor(seconds / step) - first;
    const code = which < 0 ? "" : codes.slice(which * 6, which * 6 + 6);
    if (code.length < 6) {
      digits.textContent = "";
      path.setAttribute("d", "");
      said.textContent = over;
      return;
    }
    said.textContent = left.replace("#", Math.ceil(step - seconds % step));
    if (which === shown) return;
    shown = which;
    digits.textContent = `${code.slice(0, 3)} ${code.slice(3)}`;
    draw(code);
  };
  tick();
  setInterval(tick, 1000);
  const stayOn = () => document.hidden || navigator.wakeLock?.request("screen").catch(() => {});
  document.addEventListener("visibilitychange", stayOn);
  stayOn();
})();
