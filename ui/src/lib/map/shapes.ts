// What the map is given → GeoJSON. Pure, so that it can be measured and tested without a screen.
import type { Feature, FeatureCollection, Geometry, LineString, MultiLineString, Point, Polygon } from "geojson";

export type Lines = LineString | MultiLineString | { type: string; coordinates: unknown[] };
/** Items of /api/incidents can be handed on as they are. */
export interface MapIncident {
  id: number;
  priority: number;
  opened_at?: string | null;
  lat?: number | null;
  lon?: number | null;
  place?: { lat?: number | null; lon?: number | null } | null;
  title?: string;
  address?: string;
  /** Past its time: drawn with a bar under it. */
  late?: boolean;
}
/** Items of /api/units can be handed on as they are, or flat. */
export interface MapUnit {
  code?: string;
  status?: string;
  lat?: number;
  lon?: number;
  state?: { code: string; status: string; lat: number; lon: number };
  name?: string | Record<string, string>;
}
export interface MapStation {
  code: string;
  name: string | Record<string, string>;
  lat: number;
  lon: number;
  joint?: boolean;
}
/** Items of /api/closures can be handed on as they are. */
export interface MapClosure {
  id: number;
  lat: number;
  lon: number;
  reach_m: number;
  slow?: number;
  why?: string;
  road?: string;
  /** Who closed it and until when, as the list and the map say it. */
  told?: string;
  /** Corners [lat, lon] of an area; none for what lies around the point. */
  ring?: readonly (readonly number[])[];
}
export interface MapBand {
  seconds: number;
  line: Lines;
}
/** Features of /api/isochrone can be handed on as they are. */
export interface MapArea {
  geometry: { type: string; coordinates: unknown[] };
}
export interface MapDraft {
  lat: number;
  lon: number;
  metres?: number;
  /** Corners [lat, lon] of an area that is being drawn. */
  ring?: readonly (readonly [number, number])[];
}
export type Kind = "incident" | "unit" | "station" | "closure";
/** `incident:12`, `unit:jg101`, `station:js_wanxiang`, `closure:7`. */
export type MapKey = `${Kind}:${string | number}`;

export const NONE: FeatureCollection = { type: "FeatureCollection", features: [] };
type Say = (each: string | Record<string, string> | undefined) => string;

const point = (lon: number, lat: number): Point => ({ type: "Point", coordinates: [lon, lat] });
const feature = (geometry: Geometry, properties: Record<string, unknown>): Feature => ({ type: "Feature", geometry, properties });
const all = (features: Feature[]): FeatureCollection => ({ type: "FeatureCollection", features });

export const spotOf = (each: MapIncident): [number, number] | null => {
  const lat = each.lat ?? each.place?.lat, lon = each.lon ?? each.place?.lon;
  return lat === null || lat === undefined || lon === null || lon === undefined ? null : [lat, lon];
};

/** Those without a point are left out; `age` writes how old one is under those of priority 1 to `aged`. */
export function incidentShapes(items: readonly MapIncident[], age: (openedAt: string) => string, aged: number): FeatureCollection {
  const features: Feature[] = [];
  for (const each of items) {
    const spot = spotOf(each);
    if (!spot) continue;
    const p = Math.min(5, Math.max(1, each.priority || 5));
    features.push(feature(point(spot[1], spot[0]), { key: `incident:${each.id}`, p, age: p <= aged && each.opened_at ? age(each.opened_at) : "", late: each.late ?? false, tip: each.title ?? "" }));
  }
  return all(features);
}

export function unitShapes(items: readonly MapUnit[], say: Say): FeatureCollection {
  const features: Feature[] = [];
  for (const each of items) {
    const { code, status, lat, lon } = each.state ?? each;
    if (!code || lat === undefined || lon === undefined || (lat === 0 && lon === 0)) continue;
    features.push(feature(point(lon, lat), { key: `unit:${code}`, status: status ?? "available", name: say(each.name) || code, tip: say(each.name) || code }));
  }
  return all(features);
}

export const stationShapes = (items: readonly MapStation[], say: Say): FeatureCollection =>
  all(items.map((each) => feature(point(each.lon, each.lat), { key: `station:${each.code}`, joint: each.joint ?? false, name: say(each.name), tip: say(each.name) })));

export function closureShapes(items: readonly MapClosure[]): FeatureCollection {
  const features: Feature[] = [];
  for (const each of items) {
    const words = [each.road, each.why].filter(Boolean).join(" · ");
    const told = { key: `closure:${each.id}`, slow: (each.slow ?? 0) > 0, tip: [words, each.told].filter(Boolean).join(" · "), words: [words, each.told].filter(Boolean).join("\n") };
    const area = each.ring?.length ? polygon(each.ring) : circle(each.lat, each.lon, each.reach_m);
    features.push(feature(area, told), feature(point(each.lon, each.lat), told));
  }
  return all(features);
}

const polygon = (ring: readonly (readonly number[])[]): Polygon => ({ type: "Polygon", coordinates: [[...ring, ring[0]!].map(([lat, lon]) => [lon!, lat!])] });

/** Features of /api/isochrone, the largest first so that the nearest is drawn above; `n` counts from it, 0. */
export const areaShapes = (features: readonly MapArea[]): FeatureCollection =>
  all(features.map((each, n) => feature(each.geometry as Geometry, { n })).reverse());

/** Points [lat, lon] between which all of the areas lie. */
export function cornersOf(features: readonly MapArea[]): [number, number][] {
  const ends = features.flatMap((each) => (each.geometry.coordinates as number[][][][]).flatMap((polygon) => polygon[0] ?? []));
  const lons = ends.map((each) => each[0]!), lats = ends.map((each) => each[1]!);
  const least = (some: number[]) => some.reduce((a, b) => Math.min(a, b), 180), most = (some: number[]) => some.reduce((a, b) => Math.max(a, b), -180);
  return ends.length ? [[least(lats), least(lons)], [most(lats), most(lons)]] : [];
}

/** What lies beyond the ground's own box, and a rim within it that leads there by steps: `share` of its colour. */
export function beyondShapes([west, south, east, north]: readonly [number, number, number, number]): FeatureCollection {
  const box = (inset: number): number[][] => {
    const wide = (east - west) * inset, high = (north - south) * inset;
    const [w, s, e, n] = [west + wide, Math.max(-85, south + high), east - wide, Math.min(85, north - high)] as const;
    return [[w, s], [e, s], [e, n], [w, n], [w, s]];
  };
  const ring = (outer: number, inner: number, share: number) => feature({ type: "Polygon", coordinates: [box(outer), box(inner).reverse()] }, { share });
  const rim = Array.from({ length: RIM_STEPS }, (_, n) => ring((RIM * n) / RIM_STEPS, (RIM * (n + 1)) / RIM_STEPS, 1 - n / RIM_STEPS));
  return all([ring(-FAR, 0, 1), ...rim]);
}
const RIM = 0.16, RIM_STEPS = 24, FAR = 8;

/** The last band first, so that the nearest is drawn above. `n` counts from the nearest, 0. */
export const bandShapes = (items: readonly MapBand[]): FeatureCollection =>
  all(items.map((each, n) => feature(each.line as Geometry, { n, seconds: each.seconds })).reverse());

export const wayShape = (line: Lines | null | undefined): FeatureCollection => (line ? all([feature(line as Geometry, {})]) : NONE);

export function draftShape(draft: MapDraft | null | undefined): FeatureCollection {
  if (!draft) return NONE;
  if (draft.ring?.length) {
    const corners = draft.ring.map(([lat, lon]) => feature(point(lon, lat), { corner: true }));
    const line: LineString = { type: "LineString", coordinates: draft.ring.map(([lat, lon]) => [lon, lat]) };
    const shape = draft.ring.length > 2 ? [feature(polygon(draft.ring), {})] : draft.ring.length > 1 ? [feature(line, {})] : [];
    return all([...shape, ...corners]);
  }
  const spot = feature(point(draft.lon, draft.lat), {});
  return all(draft.metres ? [feature(circle(draft.lat, draft.lon, draft.metres), {}), spot] : [spot]);
}

const DEGREE_M = 111_195;
/** A circle of so many metres, as a polygon of 48 corners. */
export function circle(lat: number, lon: number, metres: number): Polygon {
  const wide = metres / (DEGREE_M * Math.cos((lat * Math.PI) / 180)), high = metres / DEGREE_M;
  const ring = Array.from({ length: 49 }, (_, n) => {
    const turn = (n / 48) * 2 * Math.PI;
    return [lon + wide * Math.cos(turn), lat + high * Math.sin(turn)];
  });
  return { type: "Polygon", coordinates: [ring] };
}
