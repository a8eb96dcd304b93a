// The one way to the house: typed by its own description (schema.d.ts is made from /openapi.json).
//   const page = await get("/api/incidents", { query: { status: "open" } });
//   await post("/api/incidents/{incident}/notes", { path: { incident: 7 }, body: { words: "…" } });
// A refusal is thrown as Refused: what happened (message), what to do (todo), its code for programs.
import createClient from "openapi-fetch";
import type { paths } from "$lib/schema";
import { speech, t } from "$lib/words.svelte";

export class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly todo: string,
    readonly status: number,
    readonly params: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

/** The house can't be reached: nothing was decided; the same may be sent again. */
export class Offline extends Error {}

type Method = "get" | "post";
type Op<M extends Method, P extends keyof paths> = paths[P] extends Record<M, infer O> ? O : never;
export type PathsOf<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, object> ? P : never }[keyof paths];
type Json<T> = T extends { content: { "application/json": infer B } } ? B : never;
type Responses<O> = O extends { responses: infer R } ? R : never;
type Success<R> = R extends { 200: infer A } ? Json<A> : R extends { 201: infer A } ? Json<A> : never;
export type Answer<M extends Method, P extends keyof paths> = Success<Responses<Op<M, P>>>;
type BodyOf<O> = O extends { requestBody?: infer R } ? Json<NonNullable<R>> : never;
type PathOf<O> = O extends { parameters: { path: infer V } } ? V : undefined;
type QueryOf<O> = O extends { parameters: { query?: infer V } } ? V : undefined;

interface Options<O> {
  path?: PathOf<O>;
  query?: QueryOf<O>;
  body?: BodyOf<O>;
  /** A list that loads itself anew: it must not keep an empty desk awake. */
  byItself?: boolean;
  /** Said again with the same key, a command is carried out once. */
  key?: string;
  purpose?: string;
  signal?: AbortSignal;
  /** Pages that anybody may see don't lead to the sign-in page. */
  open?: boolean;
}

/** A key that nobody else makes; also where the page comes over plain HTTP and has no `randomUUID`. */
export const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint32Array(4)), (each) => each.toString(16).padStart(8, "0")).join("");

type Hear = (method: Method, address: string) => void;
let heard: Hear | null = null;
/** Who wants to know what the house has answered well. */
export const onAnswer = (hear: Hear): void => void (heard = hear);

const client = createClient<paths>({ baseUrl: "" });
let leaving = false;

async function ask(method: Method, address: string, options: Options<unknown>): Promise<unknown> {
  const headers: Record<string, string> = { "Accept-Language": speech.lang };
  if (options.byItself) headers["Huying-Background"] = "1";
  if (options.purpose) headers["Huying-Purpose"] = options.purpose;
  if (method === "post") headers["Idempotency-Key"] = options.key ?? newKey();
  const send = (method === "get" ? client.GET : client.POST) as (a: string, o: object) => Promise<{ data?: unknown; error?: unknown; response: Response }>;
  let result;
  try {
    result = await send(address, {
      params: { path: options.path, query: options.query },
      ...(method === "post" ? { body: options.body ?? {} } : {}),
      headers,
      signal: options.signal,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Offline(String(error));
  }
  const { data, error, response } = result;
  if (response.ok) {
    heard?.(method, address);
    return data;
  }
  if ((response.status === 401 || response.status === 423) && !options.open) leave();
  throw refusedBy(response.status, error);
}

/** The refusal that an answer's body tells of. */
export function refusedBy(status: number, body: unknown): Refused {
  // An answer that is not the house's own (it broke, or something between it and this screen spoke) is said in words too.
  const own = typeof body === "object" && body !== null && "title" in body;
  if (!own) return new Refused("unknown", t("state.failed", { status }), t("state.failed.do"), status);
  const said = body as { code?: string; title?: string; detail?: string; params?: Record<string, unknown> };
  return new Refused(said.code ?? "unknown", said.title ?? t("state.failed", { status }), said.detail ?? "", status, said.params);
}

export const get = <P extends PathsOf<"get">>(address: P, options: Options<Op<"get", P>> = {}): Promise<Answer<"get", P>> =>
  ask("get", address, options as Options<unknown>) as Promise<Answer<"get", P>>;

export const post = <P extends PathsOf<"post">>(address: P, options: Options<Op<"post", P>> = {}): Promise<Answer<"post", P>> =>
  ask("post", address, options as Options<unknown>) as Promise<Answer<"post", P>>;

/** To the sign-in page, which leads back here. */
export function leave(): void {
  if (leaving) return;
  leaving = true;
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}
