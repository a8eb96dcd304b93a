// A page to try the API: reads /openapi.json, makes a form for each operation and shows the answer as it came.
import { element as el, memory } from "/static/parts.js";

const ANSWER_MAX = 20000; // characters shown; a longer answer is a download
const METHODS = ["get", "post"];
const ASKED = ["Accept-Language", "Huying-Actor"]; // set once, at the top of the page
let document_;

const schemaOf = (schema) => (schema?.$ref ? document_.components.schemas[schema.$ref.split("/").pop()] : schema) ?? {};

// A body to begin with: what is required, with the first example or the plainest value.
function sample(schema, depth = 0) {
  const found = schemaOf(schema);
  if (found.examples?.length) return found.examples[0];
  if (found.default !== undefined) return found.default;
  if (found.anyOf) return sample(found.anyOf[0], depth);
  if (found.type === "object" && found.properties && depth < 3) {
    const required = found.required ?? Object.keys(found.properties).slice(0, 3);
    return Object.fromEntries(required.map((name) => [name, sample(found.properties[name], depth + 1)]));
  }
  return { string: "", integer: found.minimum ?? 0, number: 0, boolean: true, array: [], object: {} }[found.type] ?? null;
}

function field(parameter) {
  const schema = schemaOf(parameter.schema);
  const about = [parameter.description ?? schema.description, schema.enum?.join(" | ")].filter(Boolean).join(" · ");
  const input = el("input", { name: parameter.name, placeholder: schema.default ?? "" });
  const label = el("label", {}, `${parameter.name}${parameter.required ? " *" : ""}`, input, about ? el("small", {}, about) : "");
  return { parameter, input, label };
}

function operation(path, method, made) {
  const fields = (made.parameters ?? []).filter((each) => !ASKED.includes(each.name)).map(field);
  const media = Object.keys(made.requestBody?.content ?? {})[0];
  const body = media ? el("textarea", { rows: 8, spellcheck: "false", "aria-label": media }) : null;
  if (body) body.value = media === "application/json" ? JSON.stringify(sample(made.requestBody.content[media].schema), null, 2) : example(media);
  const send = el("button", { type: "button" }, "Send · 发送");
  const answer = el("pre");
  answer.hidden = true;
  send.onclick = () => ask(path, method, fields, media, body, answer);
  const title = el("summary", {}, el("span", { class: `method ${method}` }, method.toUpperCase()), el("span", { class: "path" }, path), el("span", { class: "summary" }, made.summary ?? ""));
  const form = el("div", { class: "form" }, made.description ? el("p", {}, made.description) : "", ...fields.map((each) => each.label), ...(body ? [el("p", {}, media), body] : []), send, answer);
  return el("details", {}, title, form);
}

const example = (media) => media === "application/x-ndjson" ? '{"words": "路灯坏了"}\n{"words": "fire in the kitchen"}' : "";

async function ask(path, method, fields, media, body, answer) {
  const headers = { "Accept-Language": $("accept").value };
  if ($("actor").value) headers["Huying-Actor"] = encodeActor($("actor").value);
  const query = new URLSearchParams();
  for (const { parameter, input } of fields) {
    if (parameter.in === "path") path = path.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    else if (input.value && parameter.in === "query") query.append(parameter.name, input.value);
    else if (input.value) headers[parameter.name] = input.value;
  }
  if (media) headers["Content-Type"] = media;
  const began = performance.now();
  answer.hidden = false;
  try {
    const got = await fetch(`${path}${query.size ? `?${query}` : ""}`, { method: method.toUpperCase(), headers, body: body?.value });
    const kind = got.headers.get("content-type") ?? "";
    const text = kind.includes("event-stream") ? await some(got) : await got.text();
    answer.className = got.ok ? "" : "refused";
    answer.textContent = `${got.status} · ${Math.round(performance.now() - began)} ms · ${kind}\n\n${pretty(text, kind).slice(0, ANSWER_MAX)}`;
  } catch (error) {
    answer.className = "refused";
    answer.textContent = String(error);
  }
}

// A header holds bytes: a Chinese name goes as its UTF-8 bytes, one character each.
const encodeActor = (name) => String.fromCharCode(...new TextEncoder().encode(name));

function pretty(text, kind) {
  if (!kind.includes("json") || kind.includes("ndjson")) return text;
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

// The first seconds of a stream that never ends.
async function some(got) {
  const reader = got.body.getReader(), decoder = new TextDecoder();
  const until = Date.now() + 5000;
  let text = "";
  while (Date.now() < until) {
    const left = new Promise((done) => setTimeout(() => done(null), until - Date.now()));
    const part = await Promise.race([reader.read(), left]);
    if (!part || part.done) break;
    text += decoder.decode(part.value, { stream: true });
  }
  await reader.cancel();
  return `${text}\n(5 s)`;
}

const $ = (id) => document.getElementById(id);
document.documentElement.dataset.theme = memory.get("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
document_ = await (await fetch("/openapi.json")).json();
const all = Object.entries(document_.paths).flatMap(([path, item]) => METHODS.filter((method) => item[method]).map((method) => [path, method, item[method]]));
all.sort(([a], [b]) => a.localeCompare(b));
$("operations").replaceChildren(...all.map((each) => operation(...each)));
