// The plain board: newest incidents, what is late, the duty desk's items, units; live by server-sent events.
// Loads lists from the API, follows /api/stream, and asks again for what the stream says has changed.
import { Rows } from "/static/rows.js";
import { Story } from "/static/story.js";
import { ago, api, clock, element as el, local, memory, signs } from "/static/parts.js";

const UNFINISHED = "status=open&status=active&status=resolved";
const PAGE = 200; // the API's largest page
const SHOWN_MAX = 1000; // rows on the board; the list behind it has no end
const REFRESH_MS = 1000; // lists are asked for at most once a second
const ALL_MS = 30000; // and in full twice a minute
const SIDE_MAX = 50;

const state = { lang: "zh", words: {}, pack: null, head: 0, filter: "all", skew: 0, dirty: new Set(), due: {} };
const $ = (id) => document.getElementById(id);
const word = (key) => state.words[key] ?? key;
const name = (text) => text?.[state.lang] ?? Object.values(text ?? {})[0] ?? "";
const now = () => Date.now() + state.skew;
const tools = { state, word, name, now, type: (code) => name(state.pack.byType.get(code)?.name) || code,
  agency: (code) => name(state.pack.byAgency.get(code)?.name) || code, unit: (code) => name(state.pack.units[code]) || code };

const story = new Story($("story"), tools, () => rows.select(0));
const rows = new Rows($("incidents"), tools, (id) => open(id));

function open(id) {
  rows.select(id);
  story.open(id);
}

// ── words, theme, frame ──
async function speak(lang) {
  state.lang = lang;
  memory.set("lang", lang);
  document.documentElement.lang = lang;
  [state.words, state.pack] = await Promise.all([api(`/api/words/${lang}`, lang), state.pack ?? api("/api/pack", lang)]);
  state.pack.byType ??= new Map(state.pack.types.map((each) => [each.code, each]));
  state.pack.byAgency ??= new Map(state.pack.agencies.map((each) => [each.code, each]));
  const title = `${name(state.pack.title)} · 呼应 Huying`;
  document.title = title;
  $("city").textContent = name(state.pack.title);
  $("incidents-name").textContent = word("board.incidents");
  $("docs").textContent = word("board.api");
  $("lang").textContent = word("board.other_language");
  $("theme").textContent = word(`board.theme.${theme()}`);
  filters();
  await whoAmI();
}

async function whoAmI() {
  const who = await api("/api/session", state.lang, true);
  $("who").textContent = [who.name || who.actor, who.role_name, who.shift_name].filter(Boolean).join(" · ");
  $("out").textContent = word("sign_in.out");
  $("out").hidden = false;
  $("out").onclick = async () => {
    await fetch("/api/session/end", { method: "POST", headers: { "Accept-Language": state.lang } });
    location.assign("/sign-in");
  };
}

const theme = () => document.documentElement.dataset.theme;

function dress(chosen) {
  document.documentElement.dataset.theme = chosen;
  memory.set("theme", chosen);
}

function filters() {
  const kinds = ["all", "urgent", "late", "desk"];
  $("filters").replaceChildren(...kinds.map((kind) => {
    const button = el("button", { type: "button", "aria-pressed": kind === state.filter }, word(`board.filter.${kind}`));
    button.onclick = () => { state.filter = kind; filters(); rows.show(); };
    return button;
  }));
}

// ── loading ──
async function everything() {
  const health = await api("/healthz", state.lang, true);
  state.skew = Date.parse(health.now) - Date.now();
  state.head = health.head;
  await Promise.all([incidents(SHOWN_MAX), sides()]);
  return health.head;
}

async function incidents(most) {
  let cursor = "", found = [];
  do {
    const page = await api(`/api/incidents?${UNFINISHED}&limit=${PAGE}&cursor=${cursor}`, state.lang, true);
    found = found.concat(page.items);
    cursor = page.next;
  } while (cursor && found.length < most);
  rows.put(found, most >= SHOWN_MAX || !cursor);
}

async function sides() {
  const [counts, late, desk, units] = await Promise.all([
    api("/api/counts", state.lang, true), api(`/api/referrals?overdue=true&limit=${SIDE_MAX}`, state.lang, true),
    api(`/api/incidents?duty_desk=true&${UNFINISHED}&limit=${SIDE_MAX}`, state.lang, true), api("/api/units", state.lang, true)]);
  showCounts(counts);
  panel("late", counts.referrals_overdue, late.items.map(lateItem));
  panel("desk", counts.duty_desk, desk.items.map(deskItem));
  showUnits(units.items);
}

function showCounts(counts) {
  const show = ["unfinished", "referrals_running", "referrals_overdue", "duty_desk", "escalations"];
  $("counts").replaceChildren(...show.map((key) => {
    const out = key === "referrals_overdue" && counts[key] > 0;
    return el("span", { class: out ? "out" : "" }, `${word(`board.count.${key}`)} `, el("b", {}, counts[key].toLocaleString(state.lang)));
  }));
}

function panel(id, count, items) {
  $(`${id}-name`).replaceChildren(`${word(`board.${id}`)} `, el("b", {}, String(count)));
  $(id).replaceChildren(...(items.length ? items : [el("p", { class: "empty" }, word(`board.${id}.none`))]));
}

function item(id, ...children) {
  const row = el("button", { type: "button", class: "item" }, ...children);
  row.onclick = () => open(id);
  return row;
}

const lateItem = (each) => item(each.incident,
  el("span", { class: `mark p${each.priority}` }, `P${each.priority}`),
  el("span", { class: "grow" }, each.title),
  el("span", { class: "by" }, tools.agency(each.agency)),
  el("span", { class: "age late", title: local(each.due, tools) }, `+${ago(now() - Date.parse(each.due), word)}`));

const deskItem = (each) => item(each.id,
  el("span", { class: `mark p${each.priority}` }, `P${each.priority}`),
  el("span", { class: "grow" }, each.title || tools.type(each.type)),
  el("span", { class: "age", title: local(each.opened_at, tools) }, ago(now() - Date.parse(each.opened_at), word)));

function showUnits(units) {
  const order = ["on_scene", "en_route", "dispatched", "available", "out_of_service"];
  $("units-name").replaceChildren(`${word("board.units")} `, el("b", {}, String(units.length)));
  const groups = order.flatMap((status) => {
    const some = units.filter((each) => each.state.status === status);
    return some.length ? [el("h3", {}, `${signs[status]} ${word(`status.unit.${status}`)} ${some.length}`), ...some.map(unitItem)] : [];
  });
  $("units").className = "units";
  $("units").replaceChildren(...groups);
}

function unitItem({ state: unit, name: text, agency }) {
  const busy = unit.incident > 0;
  const row = el(busy ? "button" : "span", { class: `unit ${unit.status}`, title: `${name(text)} · ${tools.agency(agency)} · ${word(`status.unit.${unit.status}`)}` },
    el("span", { class: "sign", "aria-hidden": "true" }, signs[unit.status]), el("span", { class: "name" }, name(text) || unit.code));
  if (busy) {
    row.dataset.incident = unit.incident;
    row.append(el("span", { class: "on" }, `#${unit.incident}`));
    row.onclick = () => open(unit.incident);
  }
  return row;
}

// ── live ──
function follow(after) {
  const source = new EventSource(`/api/stream?after=${after}`);
  source.onopen = () => linked(true);
  source.onerror = () => { linked(false); later(); }; // asking tells whether the session has ended
  source.onmessage = (message) => heard(JSON.parse(message.data));
  source.addEventListener("resync", () => { state.due.all = 0; later(); });
}

function heard(fact) {
  state.head = fact.seq;
  if (fact.type === "unit.moved" || fact.type === "call.received") return;
  state.dirty.add(fact.stream);
  later();
}

let timer = 0, last = 0;
function later() {
  timer ||= setTimeout(refresh, Math.max(0, last + REFRESH_MS - Date.now()));
}

async function refresh() {
  timer = 0;
  last = Date.now();
  const dirty = state.dirty;
  state.dirty = new Set();
  const whole = Date.now() - (state.due.all ?? 0) > ALL_MS;
  if (whole) state.due.all = Date.now();
  try {
    await Promise.all([incidents(whole ? SHOWN_MAX : PAGE), sides()]);
    if (dirty.has(story.id)) await story.open(story.id);
  } catch (error) {
    linked(false, error);
    setTimeout(later, 5 * REFRESH_MS);
  }
}

function linked(on) {
  $("link").className = on ? "link" : "link off";
  $("link").textContent = word(on ? "board.live" : "board.offline");
  $("offline").hidden = on;
  if (!on) $("offline").textContent = word("board.offline.long");
}

function tick() {
  if (!state.pack) return;
  $("now").textContent = clock(now(), tools);
  rows.tick();
}

async function begin() {
  const asked = new URLSearchParams(location.search);
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  dress(asked.get("theme") ?? memory.get("theme") ?? (dark ? "dark" : "light"));
  const pack = await api("/api/pack", "zh");
  state.pack = pack;
  await speak(asked.get("lang") ?? memory.get("lang") ?? pack.languages[0]);
  $("theme").onclick = () => { dress(theme() === "dark" ? "light" : "dark"); $("theme").textContent = word(`board.theme.${theme()}`); };
  $("lang").onclick = async () => { await speak(state.lang === "zh" ? "en" : "zh"); linked($("offline").hidden); await everything(); rows.show(); if (story.id) story.open(story.id); };
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") story.close(); });
  const head = await everything();
  state.due.all = Date.now();
  if (asked.get("open")) open(Number(asked.get("open")));
  follow(head);
  setInterval(tick, 1000);
  setInterval(() => { if (Date.now() - last > ALL_MS) later(); }, ALL_MS);
  tick();
}

begin().catch((error) => { $("offline").hidden = false; $("offline").textContent = `${error.message}`; });
