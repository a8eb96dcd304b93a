// What a browser remembers of a screen: choices of how it looks, panes, filters, a draft. Nothing of persons
// outside the draft that is being typed. A private window may refuse; then it is simply not remembered.
const KEY = (name: string) => `huying.${name}`;

export function recall(name: string): string | null {
  try {
    return localStorage.getItem(KEY(name));
  } catch {
    return null;
  }
}

export function remember(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(KEY(name));
    else localStorage.setItem(KEY(name), value);
  } catch {
    // a private window, or a full one
  }
}

export function recallJson<T>(name: string, otherwise: T): T {
  try {
    return (JSON.parse(recall(name) ?? "null") as T) ?? otherwise;
  } catch {
    return otherwise;
  }
}
