// Small parts that the board's pieces share.
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) if (value !== "" && value !== undefined) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

let leaving = false;
// A list that is loaded anew by itself says so: it must not keep an empty desk awake.
export async function api(path, lang, byItself = false) {
  const headers = { "Accept-Language": lang, ...(byItself ? { "Huying-Background": "1" } : {}) };
  const answer = await fetch(path, { headers });
  const body = await answer.json();
  if ((answer.status === 401 || answer.status === 423) && !leaving) leaving = !location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
  if (!answer.ok) throw new Error(body.title ?? answer.statusText);
  return body;
}

export const memory = {
  get: (key) => { try { return localStorage.getItem(`huying.${key}`); } catch { return null; } },
  set: (key, value) => { try { localStorage.setItem(`huying.${key}`, value); } catch { /* a private window */ } },
};

// Hollow, dashed, arrow, filled, struck: the sign of a unit's status.
export const signs = { available: "○", dispatched: "◌", en_route: "→", on_scene: "●", out_of_service: "⊘" };

// mm:ss below an hour, then hours and minutes, then days.
export function ago(ms, word) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, "0");
  if (s < 3600) return `${two(Math.floor(s / 60))}:${two(s % 60)}`;
  if (s < 172800) return `${Math.floor(s / 3600)}:${two(Math.floor((s % 3600) / 60))}${word("board.hours")}`;
  return `${Math.floor(s / 86400)}${word("board.days")}`;
}

const formats = new Map();
function format(kind, { state }) {
  const key = `${kind} ${state.lang}`;
  if (!formats.has(key)) {
    const time = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: state.pack.timezone };
    const day = { year: "numeric", month: "2-digit", day: "2-digit" };
    formats.set(key, new Intl.DateTimeFormat(state.lang === "zh" ? "zh-CN" : "en-GB", kind === "clock" ? time : { ...day, ...time, second: undefined }));
  }
  return formats.get(key);
}

export const clock = (at, tools) => format("clock", tools).format(new Date(at));
export const local = (at, tools) => (at ? format("whole", tools).format(new Date(at)) : "–");
