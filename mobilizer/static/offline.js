// On a phone whose network comes and goes: keeps Today for a while without one, lets check-ins wait and says so, and brings
// back what was typed. All words come from the page.
(() => {
  "use strict";
  const box = document.getElementById("kept");
  if (!box) return;
  const { owner, root, pack, sender, worker, zone } = box.dataset;
  const KEPT = "kept", MINUTE = 60_000, keptPage = "keptPage" in document.documentElement.dataset;
  const make = (name, className, text) => Object.assign(document.createElement(name), { className, textContent: text });
  const say = (name, values = {}) => box.dataset[name].replace(/\{(\w+)\}/g, (_all, key) => values[key]);
  // The time of the place, as everywhere else on the page: phones are set to any zone.
  const clockOf = (iso) => new Date(iso).toLocaleTimeString("en-GB", { timeZone: zone }).slice(0, 5);
  const able = "serviceWorker" in navigator && isSecureContext && "caches" in self;
  document.querySelectorAll("[data-unable]").forEach((line) => { line.hidden = able; });

  // --- what is kept of today ----------------------------------------------------------------------------------
  const refresh = async (anew = false) => {
    if (!able || !pack) return;
    const cache = await caches.open(KEPT), had = await cache.match(pack);
    const mine = had?.headers.get("X-Reader") === owner;
    const age = mine ? Date.now() - Number(had.headers.get("X-Kept-At")) : Infinity;
    const here = location.pathname.slice(root.length);
    if (!anew && age >= 0 && age < (here === "/" || here.endsWith("/roster") ? 2 : 30) * MINUTE) return;
    if (had && !mine) await caches.delete(KEPT);
    const answer = await fetch(pack, { cache: "no-store", redirect: "error" });
    if (!answer.ok || answer.headers.get("X-Reader") !== owner) return;
    const headers = { "X-Reader": owner, "X-Kept-At": String(Date.now()) };
    for (const name of ["Content-Type", "Content-Security-Policy"]) headers[name] = answer.headers.get(name);
    await (await caches.open(KEPT)).put(pack, new Response(await answer.blob(), { headers }));
  };
  const begin = async () => {
    await queue.veil(owner);
    if (!able || !pack || keptPage) return;
    await navigator.serviceWorker.register(worker, { scope: `${root}/`, updateViaCache: "none" });
    await refresh();
  };
  // What was just said of somebody is soon in what is kept, and not once for each.
  let soon = 0;
  const refreshSoon = () => {
    soon ||= setTimeout(() => {
      soon = 0;
      refresh(true).catch(() => {});
    }, 4000);
  };
  const forget = async () => {
    sessionStorage.clear();
    await queue.clear().catch(() => {});
    if (able) await caches.delete(KEPT);
  };

  // --- what waits ---------------------------------------------------------------------------------------------
  let ended = "done", told = "";
  const said = new Map();
  const buttonOf = (action) => [...document.querySelectorAll("form[data-queue]")].flatMap((form) => {
    const buttons = [...form.querySelectorAll("[type=submit]")];
    return buttons.filter((button) => addressOf(form, button) === action).map((button) => ({ form, button }));
  })[0];
  const addressOf = (form, button) => new URL(button?.getAttribute("formaction") || form.getAttribute("action"), location.href).pathname;

  const note = (action, words, kind) => {
    const found = buttonOf(action);
    if (!found) return;
    const { form, button } = found;
    let line = form.nextElementSibling;
    if (!line?.classList.contains("waits")) form.after(line = make("p", "waits", ""));
    line.className = `waits waits-${kind}`;
    line.textContent = words;
    if (!button.dataset.makes) return;
    const { dataset } = form.closest("[data-state]");
    dataset.was ||= dataset.state;
    dataset.state = kind === "refused" ? dataset.was : button.dataset.makes;
  };
  const draw = async () => {
    const entries = await queue.of(owner), waiting = entries.filter((entry) => entry.state === "waiting");
    const refused = entries.filter((entry) => entry.state === "refused");
    const parts = [];
    if (waiting.length) {
      const line = make("p", "", "");
      line.append(make("strong", "kept-count", say("waiting", { count: waiting.length })), " ",
        say(ended === "log-in" ? "logIn" : ended === "busy" ? "busy" : "later"));
      if (ended === "log-in") {
        line.append(" ", Object.assign(make("a", "", box.dataset.logInLink), { href: box.dataset.logInUrl }));
      }
      parts.push(line);
      const list = make("ul", "plain", "");
      waiting.forEach((entry) => list.append(make("li", "", `${entry.label} · ${clockOf(entry.deviceAt)}`)));
      parts.push(list);
    } else if (said.size) {
      const line = make("p", "", `${say("allSent")} `);
      line.append(Object.assign(make("a", "", box.dataset.afresh), { href: location.href.split("#")[0] }));
      parts.push(line);
    }
    refused.forEach((entry) => {
      const line = make("p", "kept-refused", "");
      line.append(make("strong", "", `${say("refused")}: ${entry.label} · ${clockOf(entry.deviceAt)}`), " ", entry.words, " ");
      const read = make("button", "button button-quiet button-small", box.dataset.read);
      read.type = "button";
      read.onclick = () => queue.remove(entry.number).then(draw);
      line.append(read);
      parts.push(line);
    });
    const now = parts.map((part) => part.textContent).join("\n");
    if (now !== told) box.replaceChildren(...parts);
    told = now;
    box.hidden = !parts.length;
    said.forEach((words, action) => note(action, `${say("has")} ${words}`, "sent"));
    waiting.forEach((entry) => note(entry.action, say("since", { time: clockOf(entry.deviceAt) }), "waiting"));
    refused.forEach((entry) => note(entry.action, entry.words, "refused"));
    return waiting.length;
  };
  const send = async (now) => {
    if (await draw()) ended = await queue.send(sender, now);
    await draw();
  };
  queue.listen(({ done, words }) => {
    if (done?.owner === owner) {
      said.set(done.action, words);
      refreshSoon();
    }
    draw();
  });

  const put = async (form, button, key, at) => {
    const fields = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrf_token" && name !== "operation_key");
    const what = button?.dataset.said || "";
    await queue.add({
      owner, action: addressOf(form, button), fields, key, deviceAt: at,
      label: [what, form.dataset.queue].filter(Boolean).join(" "),
    });
    said.delete(addressOf(form, button));
    navigator.serviceWorker?.ready.then((ready) => ready.sync?.register("queue")).catch(() => {});
    await send(true);
  };
  const fresh = () => [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const pressed = new WeakMap();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || !("queue" in form.dataset)) return;
    pressed.set(form, { at: new Date().toISOString(), button: event.submitter });
    if (navigator.onLine && !keptPage) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    put(form, event.submitter, fresh(), new Date().toISOString());
  }, true);
  // Sent, and no answer came: it may have arrived. The same key goes again, so that it counts once.
  const unanswered = ({ detail }) => {
    const form = detail.elt, press = pressed.get(form);
    if (!press || !("queue" in form.dataset)) return;
    put(form, press.button, form.elements.operation_key.value, press.at);
  };
  ["htmx:sendError", "htmx:timeout"].forEach((name) => document.addEventListener(name, unanswered));
  document.addEventListener("htmx:afterSettle", draw);
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.successful && "queue" in detail.elt.dataset) refreshSoon();
  });

  addEventListener("online", () => send(true));
  document.addEventListener("visibilitychange", () => document.hidden || send(false));
  setInterval(() => send(false), 30_000);

  // --- log-out: what is kept goes, and what would be lost is said first ---------------------------------------------
  let warned = false, leaving = false;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (leaving || form.method !== "post" || addressOf(form, event.submitter) !== `${root}/log-out`) return;
    if (form.elements.next) return; // the same person is to log in again: what waits goes on waiting
    event.preventDefault();
    event.stopImmediatePropagation();
    logOut(form);
  }, true);
  const logOut = async (form) => {
    const tell = (words) => {
      form.parentNode.querySelector(".held")?.remove();
      const line = make("p", "held", words);
      line.setAttribute("role", "alert");
      form.after(line);
    };
    const waiting = (await queue.of(owner).catch(() => [])).filter((entry) => entry.state === "waiting").length;
    if (waiting && !warned) {
      warned = true;
      tell(say("lost", { count: waiting }));
      return;
    }
    await forget();
    told = "";
    said.clear();
    await draw();
    if (!navigator.onLine && !leaving) tell(say("gone"));
    leaving = navigator.onLine;
    if (leaving) form.requestSubmit();
  };

  // --- long forms: what was typed survives a reload, in this tab alone ----------------------------------------------
  const DRAFT = "draft:";
  const nameOf = (form) => `${DRAFT}${owner}:${location.pathname}:${form.getAttribute("action")}`;
  const typedIn = (form) => [...form.elements].filter(
    (field) => field.name && !["hidden", "password", "file", "submit", "button"].includes(field.type));
  const valueOf = (field) => (["checkbox", "radio"].includes(field.type) ? field.checked : field.value);
  const drafts = () => {
    const went = document.querySelector(".flash-done");
    Object.keys(sessionStorage).filter((name) => name.startsWith(DRAFT)).forEach((name) => {
      if (!name.startsWith(`${DRAFT}${owner}:`) || (went && JSON.parse(sessionStorage[name]).sent)) sessionStorage.removeItem(name);
    });
    document.querySelectorAll("form[data-draft]").forEach((form) => {
      const name = nameOf(form), stored = sessionStorage[name];
      const keep = (sent) => {
        const fields = typedIn(form).map((field, place) => [`${place}:${field.name}`, valueOf(field)]);
        try {
          sessionStorage[name] = JSON.stringify({ sent, fields });
        } catch { /* full, or not allowed: the form works without */ }
      };
      if (stored && !form.querySelector(".error-summary")) {
        const values = new Map(JSON.parse(stored).fields);
        let changed = false;
        typedIn(form).forEach((field, place) => {
          const value = values.get(`${place}:${field.name}`);
          if (value === undefined || value === valueOf(field)) return;
          changed = true;
          if (typeof value === "boolean") field.checked = value;
          else field.value = value;
        });
        if (changed) form.prepend(Object.assign(make("p", "notice notice-note draft-back", say("back")), { role: "status" }));
      }
      form.addEventListener("input", () => keep(false));
      form.addEventListener("submit", () => keep(true));
    });
  };

  drafts();
  begin().catch(() => {});
  send(true);
})();
