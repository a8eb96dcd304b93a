// The part of the unit's page that answers without a network, and of the big screen's while the house is away. Only
// for /unit and /wall: the page itself and its files, the city's rows, and who was signed in last. What an incident
// says is kept by the page, not here.
// EDITION and FILES are put in when the app is built.
const SHELL = `huying-shell-${EDITION}`;
const LAST = "huying-last";
const PAGE = "/app/index.html";
// A line that is there but answers nothing is as good as none.
const WAIT_MS = 6_000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((shell) => shell.addAll([PAGE, ...FILES])).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("huying-shell-") && name !== SHELL;
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name)))).then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method !== "GET") {
    if (url.pathname === "/api/session/end") event.waitUntil(caches.delete(LAST));
    return;
  }
  if (request.mode === "navigate") event.respondWith(quick(request).then(sound).catch(() => caches.match(PAGE)));
  else if (url.pathname.startsWith("/app/assets/")) event.respondWith(caches.match(request).then((found) => found ?? fetch(request)));
  else if (url.pathname === "/api/pack" || url.pathname === "/api/session") event.respondWith(last(request));
});

/** What stands before the house, or the house itself, may answer that it is broken: the page says so better. */
function sound(answer) {
  if (answer.status >= 500) throw new Error(String(answer.status));
  return answer;
}

function quick(request) {
  return new Promise((done, failed) => {
    const timer = setTimeout(() => failed(new Error("slow")), WAIT_MS);
    fetch(request).then(done, failed).finally(() => clearTimeout(timer));
  });
}

/** The house's answer, or its last one. Who is refused is forgotten here as well. */
async function last(request) {
  const cache = await caches.open(LAST);
  const name = new URL(request.url).pathname;
  try {
    const answer = await quick(request);
    if (answer.ok) await cache.put(name, answer.clone());
    else if (answer.status < 500 && answer.status !== 429) await caches.delete(LAST);
    return answer;
  } catch (error) {
    const kept = await cache.match(name);
    if (kept) return kept;
    throw error;
  }
}
