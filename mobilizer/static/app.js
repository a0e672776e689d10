// Makes a working page pleasanter; nothing needs it. Its words come from the page, in the reader's language.
(() => {
  "use strict";
  const all = (selector) => document.querySelectorAll(selector);
  const on = (name, act, early) => document.addEventListener(name, act, early);
  const make = (name, className, text) => Object.assign(document.createElement(name), { className, textContent: text });

  // One press is one request: until the answer is there, the button says so in a word.
  const words = new WeakMap();
  const release = (form) => {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-disabled]").forEach((button) => {
      button.replaceChildren(...(words.get(button) || button.childNodes));
      button.removeAttribute("aria-disabled");
    });
  };
  // Without a network nothing is sent, and so nothing that was typed is lost; pressed once more, it is tried all the same.
  const held = (form, button) => {
    form.querySelector(".held")?.remove();
    if (navigator.onLine || form.dataset.held) return false;
    form.dataset.held = "yes";
    const line = make("p", "held", document.body.dataset.held);
    line.setAttribute("role", "alert");
    if (button) button.after(line);
    else form.append(line);
    return true;
  };
  addEventListener("online", () => all(".held").forEach((line) => {
    delete line.closest("form")?.dataset.held;
    line.remove();
  }));
  on("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (!form.dataset.sent && held(form, event.submitter)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    if ("again" in form.dataset) return;
    if (form.dataset.sent) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.sent = "yes";
    const button = event.submitter || form.querySelector("[type=submit]");
    if (!button) return;
    words.set(button, [...button.childNodes]);
    button.replaceChildren(form.dataset.busy || document.body.dataset.busy);
    button.setAttribute("aria-disabled", "true");
  }, true);
  addEventListener("pageshow", () => all("[data-sent]").forEach(release));

  const ready = () => {
    // A copy box selects its text at a touch and says what has become of it.
    all("[data-copy]:not(.copy-ready)").forEach((box) => {
      const source = box.querySelector("input, textarea");
      const button = make("button", "button button-quiet", box.dataset.copy);
      const said = make("output", "copy-said");
      button.type = "button";
      source.onfocus = () => source.select();
      button.onclick = () => {
        source.focus();
        source.select();
        said.textContent = box.dataset[document.execCommand("copy") ? "copied" : "selected"];
      };
      box.classList.add("copy-ready");
      box.append(button, said);
    });
    // A password can be shown while it is typed.
    all("[data-show]:not(.show-ready)").forEach((input) => {
      const button = make("button", "button button-quiet button-small show", input.dataset.show);
      button.type = "button";
      button.onclick = () => {
        const shown = input.type === "password";
        input.type = shown ? "text" : "password";
        button.textContent = shown ? input.dataset.hide : input.dataset.show;
      };
      input.classList.add("show-ready");
      input.after(button);
      input.form.addEventListener("submit", () => { input.type = "password"; });
    });
    // What can be undone for a few seconds makes room for what holds afterwards.
    all("[data-lapses]").forEach((form) => {
      const seconds = form.dataset.lapses;
      form.removeAttribute("data-lapses");
      setTimeout(() => {
        if (form.dataset.sent) return;
        if (form.nextElementSibling) form.nextElementSibling.hidden = false;
        form.remove();
      }, seconds * 1000);
    });
    // What has just happened can be put away by hand.
    all(".flash").forEach((flash) => {
      if (flash.querySelector("button")) return;
      const close = make("button", "flash-close", flash.parentNode.dataset.close);
      close.onclick = () => flash.remove();
      flash.append(close);
    });
  };

  // A key that is held down presses once: not also the button that then comes to stand under the focus.
  on("keydown", (event) => {
    if (event.repeat && event.key === "Enter" && event.target.closest("button")) event.preventDefault();
  }, true);

  // htmx: whoever was inside what is replaced finds the focus in what replaces it: at what is wrong, else at the next thing to do.
  const ways = [".error-summary", "[aria-invalid]", ".item-action :is(button, a):not([hidden])", "button, a"];
  const inSight = (element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  };
  let place = "";
  // What refreshes itself rests while nobody looks, and changes nothing, nor moves, when nothing has changed.
  document.documentElement.classList.add("has-script");
  on("htmx:beforeRequest", (event) => {
    if (document.hidden && "poll" in event.detail.elt.dataset) event.preventDefault();
  });
  const scrolled = {};
  on("htmx:beforeSwap", ({ detail }) => {
    const tag = detail.xhr.getResponseHeader("ETag");
    if (tag && detail.target.dataset.tag && tag.includes(detail.target.dataset.tag)) detail.shouldSwap = false;
    detail.target.querySelectorAll(".scroller[id]").forEach(({ id, scrollLeft, scrollTop }) => {
      scrolled[id] = { left: scrollLeft, top: scrollTop, behavior: "instant" };
    });
  });
  on("htmx:afterSwap", () => {
    for (const id in scrolled) document.getElementById(id)?.scrollTo(scrolled[id]);
  });
  on("htmx:beforeSwap", ({ detail }) => {
    place = detail.target.contains(document.activeElement) ? detail.target.id : "";
  });
  on("htmx:afterSettle", () => {
    ready();
    const fresh = place && document.getElementById(place);
    place = "";
    if (!fresh || fresh.contains(document.activeElement)) return;
    const found = ways.map((way) => fresh.querySelector(way)).find((each) => each?.checkVisibility());
    (found || fresh).focus({ preventScroll: !found || inSight(found) });
  });
  on("htmx:afterRequest", ({ detail }) => detail.elt.dataset.sent && release(detail.elt));
  ["htmx:sendError", "htmx:timeout", "htmx:responseError"].forEach((name) => on(name, ({ detail }) => {
    if ("queue" in detail.elt.dataset && name !== "htmx:responseError" && window.queue) return; // it waits on the phone
    const region = document.getElementById("flashes");
    region.replaceChildren(make("p", "flash flash-refused", region.dataset.offline));
    ready();
  }));

  ready();
  document.querySelector(".error-summary")?.focus();
})();
