// Shows the kept Today when there is no network. SHELL, the line before this one, is the server's: what to keep.
// It keeps style and scripts, one page that knows nobody, and the kept Today, which the page itself puts there; nothing else.
"use strict";
importScripts(SHELL.queue);
const SHELL_CACHE = `shell-${SHELL.version}`, KEPT = "kept", KEPT_AT = "X-Kept-At", DAY = 86_400_000, PATIENCE = 10_000;

addEventListener("install", (event) => event.waitUntil((async () => {
  const shell = await caches.open(SHELL_CACHE);
  await shell.addAll([...SHELL.files, SHELL.nothing]);
  await skipWaiting();
})()));

addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith("shell-") && name !== SHELL_CACHE) await caches.delete(name);
  await registration.navigationPreload?.enable();
  await clients.claim();
})()));

addEventListener("fetch", (event) => {
  const { request } = event, address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(event, address));
  else if (address.pathname.startsWith(`${SHELL.root}/assets/`)) event.respondWith(file(request, address));
});

addEventListener("sync", (event) => {
  if (event.tag === "queue") event.waitUntil(queue.send(`${SHELL.root}/today/sender`, true));
});

// A style from before an upgrade that no network can bring is replaced by the one of that name that is here.
const file = async (request, address) => {
  const shell = await caches.open(SHELL_CACHE), kept = await shell.match(request);
  if (kept) return kept;
  try {
    return await fetch(request);
  } catch (fault) {
    const name = address.pathname.split("/").pop();
    const like = (await shell.keys()).find((each) => new URL(each.url).pathname.split("/").pop() === name);
    if (like) return shell.match(like);
    throw fault;
  }
};

const page = async (event, address) => {
  const path = address.pathname.slice(SHELL.root.length);
  const keptToo = path === "/" || /^\/shifts\/\d+\/roster$/.test(path);
  const network = (async () => (await event.preloadResponse) || fetch(event.request))();
  try {
    const answer = await (keptToo && await kept() ? soon(network) : network);
    if (keptToo && (answer.status === 502 || answer.status === 504)) throw new Error("nobody behind the door");
    event.waitUntil(heed(answer));
    return answer;
  } catch {
    return (await shown()) || (await caches.match(SHELL.nothing)) || Response.error();
  }
};
const soon = (network) => Promise.race([
  network, new Promise((_resolve, reject) => setTimeout(() => reject(new Error("too slow")), PATIENCE)),
]);

// What is kept and not older than a day; older, or of a time to come, it goes.
const kept = async () => {
  if (!await caches.has(KEPT)) return undefined;
  const found = await (await caches.open(KEPT)).match(SHELL.pack);
  const age = found ? Date.now() - Number(found.headers.get(KEPT_AT)) : NaN;
  if (age >= -DAY && age < DAY) return found;
  await caches.delete(KEPT);
  return undefined;
};

// Every page says whose log-in it was drawn for: what was kept for anybody else goes.
const heed = async (answer) => {
  const reader = answer.headers.get("X-Reader");
  const found = reader ? await kept() : undefined;
  if (!found) return;
  if (found.headers.get("X-Reader") !== reader) await caches.delete(KEPT);
  else await (await caches.open(KEPT)).delete(`${SHELL.root}/since`);
};

const shown = async () => {
  const found = await kept();
  if (!found) return undefined;
  const cache = await caches.open(KEPT), mark = `${SHELL.root}/since`;
  const noted = await cache.match(mark);
  const since = noted ? await noted.text() : new Date().toLocaleTimeString("en-GB", { timeZone: SHELL.zone }).slice(0, 5);
  if (!noted) await cache.put(mark, new Response(since));
  const words = (await found.text()).replace('data-network="there"', 'data-network="away"').replaceAll("{since}", since);
  return new Response(words, { headers: found.headers });
};
