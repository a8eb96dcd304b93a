// Where an incident is, in words: what was said of it, else what the city calls the place, else degrees.
import type { Answer } from "$lib/api";

type Story = Answer<"get", "/api/incidents/{incident}">;

/** Empty where nothing is known. */
export const placeOf = ({ incident: { place }, place_name }: Story): string =>
  place.address || place_name || (place.lat != null && place.lon != null ? `${place.lat.toFixed(5)}, ${place.lon.toFixed(5)}` : "");

/** Within how many metres; empty where nobody said. */
export const marginOf = ({ incident: { place } }: Story): string => (place.error_m ? ` ±${Math.round(place.error_m)} m` : "");
