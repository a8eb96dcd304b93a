// Some things need that one was just seen to be there: the passkey is asked again, then the same is tried once more.
import { newKey, Refused, refusedBy } from "$lib/api";
import { speech, t } from "$lib/words.svelte";

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

/** What the browser and its person made of a passkey; that they said no is no fault of the screen. */
async function asked<T>(does: Promise<T>): Promise<T> {
  try {
    return await does;
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    const code = error.name === "InvalidStateError" ? "has_passkey" : "cancelled";
    throw new Refused(code, t(`state.${code}`), t(`state.${code}.do`), 0);
  }
}

/** Prove to be there; sealed data is then open for five minutes. */
export async function provePresence(demo: boolean): Promise<void> {
  if (demo) return void (await send("/api/session/presence", { elevate: true }));
  const options = (await send("/api/session/presence/options", {})) as unknown as PublicKeyCredentialRequestOptionsJSON;
  const allowed = (options.allowCredentials ?? []).map((each) => ({ id: bytes(each.id), type: "public-key" as const }));
  const publicKey: PublicKeyCredentialRequestOptions = { challenge: bytes(options.challenge), allowCredentials: allowed, userVerification: "required" };
  if (options.rpId) publicKey.rpId = options.rpId;
  const made = (await asked(navigator.credentials.get({ publicKey }))) as PublicKeyCredential;
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

/** Make another passkey on this device or on one beside it, and hand it to the house. */
export async function makePasskey(name: string): Promise<void> {
  const options = (await send("/api/passkeys/options", {})) as unknown as PublicKeyCredentialCreationOptionsJSON;
  const listed = (some?: PublicKeyCredentialDescriptorJSON[]) => (some ?? []).map((each) => ({ id: bytes(each.id), type: "public-key" as const }));
  const publicKey = {
    ...(options as unknown as PublicKeyCredentialCreationOptions),
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: listed(options.excludeCredentials),
  };
  const made = (await asked(navigator.credentials.create({ publicKey }))) as PublicKeyCredential;
  const said = made.response as AuthenticatorAttestationResponse;
  const response = { clientDataJSON: text(said.clientDataJSON), attestationObject: text(said.attestationObject), transports: said.getTransports() };
  const credential = { id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: made.getClientExtensionResults() };
  await send("/api/passkeys", { credential, name });
}

/** Run what may need presence; when it is refused for want of it, prove it and run the same again. */
export async function present<T>(demo: boolean, does: () => Promise<T>): Promise<T> {
  try {
    return await does();
  } catch (error) {
    const wanted = error instanceof Refused && (error.code === "presence_needed" || String(error.params["missing"] ?? "").includes("elevated"));
    if (!wanted) throw error;
    await provePresence(demo);
    return does();
  }
}
