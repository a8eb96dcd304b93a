// The door: asks the browser for a passkey and hands its answer on. Words come from the page itself.
const $ = (id) => document.getElementById(id);
const card = $("card"), words = card.dataset;
const memory = {
  get: (key) => { try { return localStorage.getItem(`huying.${key}`); } catch { return null; } },
  set: (key, value) => { try { localStorage.setItem(`huying.${key}`, value); } catch { /* a private window */ } },
};

// ── theme and language, as on the board ──
function dress(theme) {
  document.documentElement.dataset.theme = theme;
  $("theme").textContent = $("theme").dataset[theme];
}
const asked = new URLSearchParams(location.search);
dress(asked.get("theme") ?? memory.get("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
$("theme").onclick = () => {
  const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  memory.set("theme", theme);
  dress(theme);
};
memory.set("lang", words.lang);
if (location.hash) $("other").href += location.hash; // the set-up link keeps its secret when the language changes

// ── base64url, for browsers that can't read the server's JSON by themselves ──
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function readable(options) {
  const listed = (some) => (some ?? []).map((each) => ({ ...each, id: bytes(each.id) }));
  const read = { ...options, challenge: bytes(options.challenge) };
  if (options.user) read.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) read.excludeCredentials = listed(options.excludeCredentials);
  if (options.allowCredentials) read.allowCredentials = listed(options.allowCredentials);
  return read;
}

function sendable(made) {
  const { response } = made, said = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) if (response[name]) said[name] = text(response[name]);
  if (response.getTransports) said.transports = response.getTransports();
  return { id: made.id, rawId: text(made.rawId), type: made.type, response: said, clientExtensionResults: made.getClientExtensionResults(),
    authenticatorAttachment: made.authenticatorAttachment ?? undefined };
}

// ── asking ──
async function post(path, body) {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json", "Accept-Language": words.lang }, body: JSON.stringify(body ?? {}) });
  const told = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(told.title), { todo: told.detail });
  return told;
}

function say(bad, ...lines) {
  $("says").className = bad ? "says bad" : "says";
  $("says").replaceChildren(...lines.filter(Boolean).map((line) => Object.assign(document.createElement("p"), { textContent: line })));
  $("says").hidden = false;
}

async function doing(button, work) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  say(false, words.working);
  try {
    await work();
    location.assign(words.next);
  } catch (error) {
    button.removeAttribute("aria-busy");
    if (error.name === "NotAllowedError" || error.name === "AbortError") say(true, words.cancelled);
    else if (error instanceof TypeError) say(true, words.offline);
    else say(true, error.message, error.todo);
  }
}

function able() { if (!window.PublicKeyCredential) throw new Error(words.none); }

async function prove(path) {
  able();
  return sendable(await navigator.credentials.get({ publicKey: readable(await post(`${path}/options`)) }));
}

if ($("enter")) $("enter").onclick = () => doing($("enter"), async () => post("/api/sign-in", { credential: await prove("/api/sign-in") }));
if ($("unlock")) $("unlock").onclick = () => doing($("unlock"), async () => post("/api/session/presence", { credential: await prove("/api/session/presence") }));
if ($("again")) $("again").onclick = () => doing($("again"), () => post("/api/session/presence"));
if ($("out")) $("out").onclick = async () => { await post("/api/session/end"); location.assign("/sign-in"); };
if ($("make")) $("make").onclick = () => doing($("make"), async () => {
  able();
  const link = location.hash.slice(1);
  const options = readable(await post("/api/set-up/options", { link }));
  const made = await navigator.credentials.create({ publicKey: options });
  await post("/api/set-up", { link, name: $("name").value, credential: sendable(made) });
});
