// Some things need that one was just seen to be there: the passkey is asked again, then the same is tried once more.
import { newKey, Refused, refusedBy } from "$lib/api";
import { speech } from "$lib/words.svelte";

const bytes = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
const text = (buffer: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function send(path: string, body: unknown): Promise<Record<string, unknown>> {
  const headers = { "Content-Type": "application/json", "Accept-Language": speech.lang, "Idempotency-Key": newKey() };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const told = (await answer.json()) as Record<string, unknown>;
  if (!answer.ok) throw refusedBy(answer.status, told);
  return told;
}

/** Prove to be there; sealed data is then open for five minutes. */
export async function provePresence(demo: boolean): Promise<void> {
  if (demo) return void (await send("/api/session/presence", { elevate: true }));
  const options = (await send("/api/session/presence/options", {})) as unknown as PublicKeyCredentialRequestOptionsJSON;
  const allowed = (options.allowCredentials ?? []).map((each) => ({ id: bytes(each.id), type: "public-key" as const }));
  const asked: PublicKeyCredentialRequestOptions = { challenge: bytes(options.challenge), allowCredentials: allowed, userVerification: "required" };
  if (options.rpId) asked.rpId = options.rpId;
  const made = (await navigator.credentials.get({ publicKey: asked })) as PublicKeyCredential;
  const said = made.response as AuthenticatorAssertionResponse;
  const response = {
    clientDataJSON: text(said.clientDataJSON),
    authenticatorData: text(said.authenticatorData),
    signature: text(said.signature),
    ...(said.userHandle ? { userHandle: text(said.userHandle) } : {}),
  };
  const credential = { id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: made.getClientExtensionResults() };
  await send("/api/session/presence", { credential, elevate: true });
}

/** Run what may need presence; when it is refused for want of it, prove it and run the same again. */
export async function present<T>(demo: boolean, does: () => Promise<T>): Promise<T> {
  try {
    return await does();
  } catch (error) {
    const wanted = error instanceof Refused && String(error.params["missing"] ?? "").includes("elevated");
    if (!wanted) throw error;
    await provePresence(demo);
    return does();
  }
}
