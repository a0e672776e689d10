// Makes a working page pleasanter; nothing needs it. The words come from the page, in the reader's language.
(function () {
  "use strict";

  // One press is one request: the button says so in a word until the answer is there.
  function buttonOf(form, event) {
    return (event && event.submitter) || form.querySelector("button[type=submit]");
  }
  function release(form) {
    delete form.dataset.sent;
    form.querySelectorAll("button[data-word]").forEach(function (button) {
      button.textContent = button.dataset.word;
      button.removeAttribute("aria-disabled");
      delete button.dataset.word;
    });
  }
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!form.dataset.busy) return;
    if (form.dataset.sent) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.sent = "yes";
    var button = buttonOf(form, event);
    if (!button) return;
    button.dataset.word = button.textContent;
    button.textContent = form.dataset.busy;
    button.setAttribute("aria-disabled", "true");
  }, true);
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(release);
  });

  // Copy boxes: select everything on a touch, and a button where the browser can copy.
  function copyBoxes(root) {
    root.querySelectorAll("[data-copy]").forEach(function (box) {
      var source = box.querySelector("input, textarea");
      if (!source || box.querySelector("button")) return;
      var button = document.createElement("button");
      button.type = "button";
      button.className = "button button-quiet";
      button.textContent = box.dataset.copy;
      var said = document.createElement("span");
      said.className = "copy-said";
      said.setAttribute("role", "status");
      source.addEventListener("focus", function () { source.select(); });
      button.addEventListener("click", function () {
        source.focus();
        source.select();
        var copied = navigator.clipboard && window.isSecureContext
          ? navigator.clipboard.writeText(source.value)
          : (document.execCommand("copy") ? Promise.resolve() : Promise.reject());
        copied.then(function () { said.textContent = box.dataset.copied; },
          function () { said.textContent = box.dataset.selected; });
      });
      box.append(button, said);
    });
  }

  // What has just happened can be put away by hand.
  function flashes() {
    var region = document.getElementById("flashes");
    if (!region) return;
    region.querySelectorAll(".flash").forEach(function (flash) {
      if (flash.querySelector("button")) return;
      var close = document.createElement("button");
      close.type = "button";
      close.className = "flash-close";
      close.textContent = region.dataset.close;
      close.addEventListener("click", function () { flash.remove(); });
      flash.append(close);
    });
  }

  function errors(root) {
    var summary = root.querySelector(".error-summary");
    if (summary) summary.focus();
  }

  // htmx keeps the focus on what has an id; a button inside a replaced card gets it back by its place.
  var focused = null;
  document.addEventListener("htmx:beforeSwap", function (event) {
    var active = document.activeElement;
    focused = active && event.detail.target.contains(active) && event.detail.target.id;
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    if (event.detail.elt.tagName === "FORM") release(event.detail.elt);
  });
  document.addEventListener("htmx:afterSettle", function () {
    ready(document);
    var place = focused && document.getElementById(focused);
    focused = null;
    if (!place || place.contains(document.activeElement)) return;
    var next = place.querySelector(".error-summary, button, a") || place;
    next.focus({ preventScroll: true });
  });
  document.addEventListener("htmx:sendError", function (event) {
    var region = document.getElementById("flashes");
    if (!region || !region.dataset.offline) return;
    var line = document.createElement("p");
    line.className = "flash flash-refused";
    line.textContent = region.dataset.offline;
    region.append(line);
    flashes();
  });

  function ready(root) {
    copyBoxes(root);
    flashes();
  }
  ready(document);
  errors(document);
})();
