// What was said without a network: it waits in this phone's own store until the server has answered it, and goes out in
// order. Used by the page and by the service worker alike. It asks nothing of the page and has no words of its own.
self.queue = (() => {
  "use strict";
  const STORE = "waiting", PATIENCE = 20_000, FIRST_PAUSE = 30_000, LONGEST_PAUSE = 600_000;
  const news = "BroadcastChannel" in self ? new BroadcastChannel("mobilizer-queue") : null;

  // One transaction on the store; the database is closed after each, so that the browser can clear it at any time.
  const store = (mode, act) => new Promise((resolve, reject) => {
    const opening = indexedDB.open("mobilizer", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "number", autoIncrement: true });
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction(STORE, mode);
      const asked = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => { database.close(); resolve(asked?.result); };
      transaction.onabort = transaction.onerror = () => { database.close(); reject(transaction.error); };
    };
  });
  const all = async () => (await store("readonly", (kept) => kept.getAll())) || [];
  const of = async (owner) => (await all()).filter((entry) => entry.owner === owner);
  const keep = (entry) => store("readwrite", (kept) => kept.put(entry));
  const remove = (number) => store("readwrite", (kept) => kept.delete(number));
  const clear = () => store("readwrite", (kept) => kept.clear());
  const listeners = [];
  const listen = (heard) => listeners.push(heard);
  if (news) news.onmessage = ({ data }) => listeners.forEach((heard) => heard(data));
  const tell = (what) => {
    listeners.forEach((heard) => heard(what));
    news?.postMessage(what);
  };

  // {owner, action, fields: [[name, value]...], key, deviceAt, label}: what was said, when by this phone's clock.
  const add = async (entry) => {
    const same = (await of(entry.owner)).find((other) => other.action === entry.action && other.state === "waiting");
    if (same) return;
    await keep({ ...entry, state: "waiting", words: "", attempts: 0, notBefore: 0 });
    tell({});
  };
  // Another person's log-in on this phone: what waits stays theirs, without the names in it.
  const veil = async (owner) => {
    for (const entry of await all()) if (entry.owner !== owner && entry.label) await keep({ ...entry, label: "" });
  };

  const ask = async (address, how) => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE);
    try {
      const answer = await fetch(address, {
        ...how, signal: stop.signal, cache: "no-store", credentials: "same-origin", redirect: "error",
        headers: { Accept: "application/json", ...how.headers },
      });
      return { status: answer.status, ...await answer.json() };
    } catch {
      return { status: 0 };
    } finally {
      clearTimeout(timer);
    }
  };
  const post = (entry, token) => {
    const body = new URLSearchParams(entry.fields);
    body.set("operation_key", entry.key);
    body.set("device_at", entry.deviceAt);
    body.set("sent_at", new Date().toISOString());
    body.set("csrf_token", token);
    return ask(entry.action, { method: "POST", body });
  };

  // Sends what waits for whoever is logged in. Answers how it ended: "done", "away", "busy" or "log-in".
  const work = async (sender, now) => {
    let who = await ask(sender, {});
    if (!who.status) return "away";
    if (who.status !== 200) return "busy";
    const waiting = (await all()).filter((entry) => entry.state === "waiting");
    if (!who.reader) return waiting.length ? "log-in" : "done";
    for (const entry of waiting.filter((each) => each.owner === who.reader)) {
      if (!now && entry.notBefore > Date.now()) return "busy";
      let answer = await post(entry, who.csrf_token);
      if (answer.code === "token-lost") {
        who = await ask(sender, {});
        if (who.reader !== entry.owner) return "log-in";
        answer = await post(entry, who.csrf_token);
      }
      if (answer.status === 401) return "log-in";
      if (answer.code === "done") {
        await remove(entry.number);
        tell({ done: entry, words: answer.words });
      } else if (!answer.status || answer.status >= 500 || answer.status === 429 || answer.code === "token-lost" || !answer.words) {
        const pause = Math.min(FIRST_PAUSE * 2 ** entry.attempts, LONGEST_PAUSE);
        await keep({ ...entry, attempts: entry.attempts + 1, notBefore: Date.now() + pause });
        return answer.status ? "busy" : "away";
      } else {
        await keep({ ...entry, state: "refused", words: answer.words });
        tell({});
      }
    }
    return "done";
  };
  const send = (sender, now) => (self.navigator.locks
    ? navigator.locks.request("mobilizer-queue", () => work(sender, now))
    : work(sender, now));

  return { add, all, of, remove, clear, veil, send, listen };
})();
