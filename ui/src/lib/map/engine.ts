// The map itself: MapLibre with the county's own ground. Loaded only by a page that shows a map.
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import type { FeatureCollection } from "geojson";
import { addProtocol, LngLatBounds, Map, setWorkerUrl, type GeoJSONSource, type MapMouseEvent, type StyleSpecification, type VectorTileSource } from "maplibre-gl";
import { Protocol } from "pmtiles";
import { happenings, SOURCES, TOUCHED, type SourceName } from "./happenings";
import { beyondShapes, NONE, type MapKey } from "./shapes";
import { drawSigns, tokensOf } from "./signs";
import { GROUND_SOURCE, groundStyle, type MapLang, type MapTheme } from "./style";

setWorkerUrl(workerUrl);
addProtocol("pmtiles", new Protocol().tile);

/** South, west, north, east in degrees. */
export type Box = readonly [number, number, number, number];
export interface Looks {
  theme: MapTheme;
  lang: MapLang;
  scale: number;
  selected: string;
}
export interface Told {
  /** Something was clicked, or nothing (null) at this place. */
  click(key: MapKey | null, lat: number, lon: number): void;
  /** Twice in one place; true where that has a meaning and the map shall not come nearer. */
  twice(): boolean;
  /** The pointer is over something that has words. */
  hover(tip: string, x: number, y: number): void;
}

const NEAR_PX = 8;
const RATIO_MAX = 3;
// Where the processor draws, a picture takes as long as it has points: as many as on half a screen of 1080 lines, and
// the rest is enlarged. On a wall of 4K that is four times as quick, and from five metres nobody sees the difference.
const DRAWN_MAX_PX = 1_400_000;
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;
const CLOSE_ZOOM = 14;
const AROUND = 0.35;

export class Engine {
  readonly map: Map;
  private data: Record<SourceName, FeatureCollection>;
  private dirty = new Set<SourceName>();
  private frame = 0;
  private signs = "";
  /** How often a source was handed to the map: tests count that many changes are one. */
  handed = 0;

  constructor(
    private holder: HTMLElement,
    private ground: string,
    box: Box,
    private looks: Looks,
    interactive: boolean,
    private told: Told,
  ) {
    this.data = Object.fromEntries(SOURCES.map((each) => [each, NONE])) as Record<SourceName, FeatureCollection>;
    const [south, west, north, east] = box;
    this.map = new Map({
      container: holder,
      style: this.style(),
      bounds: [west, south, east, north],
      fitBoundsOptions: { padding: 24 },
      maxBounds: [west - AROUND, south - AROUND, east + AROUND, north + AROUND],
      maxZoom: 18,
      interactive,
      attributionControl: false,
      fadeDuration: 0,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
    });
    // Its own landmark would be a second one within the page's, and named in one language only.
    this.map.getCanvas().role = interactive ? "application" : "img";
    this.map.getCanvas().ariaLabel = holder.parentElement?.ariaLabel ?? "";
    if (software()) {
      this.spare();
      this.map.on("resize", () => this.spare());
    }
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.on("click", (event) => this.clicked(event));
    this.map.on("dblclick", (event) => void (this.told.twice() && event.preventDefault()));
    this.map.on("mousemove", (event) => this.hovered(event));
    this.map.on("mouseout", () => this.told.hover("", 0, 0));
    this.map.on("styledata", () => this.hang());
    this.map.on("sourcedata", (event) => event.sourceId === GROUND_SOURCE && event.sourceDataType === "metadata" && this.edge());
    this.map.once("load", () => SOURCES.forEach((each) => this.touch(each)));
  }

  /** New content of a source: all that comes within a frame is handed on once. */
  set(name: SourceName, content: FeatureCollection): void {
    if (this.data[name] === content) return;
    this.data[name] = content;
    this.touch(name);
  }

  dress(looks: Looks): void {
    const chosenOnly = looks.theme === this.looks.theme && looks.lang === this.looks.lang && looks.scale === this.looks.scale;
    const same = chosenOnly && looks.selected === this.looks.selected;
    this.looks = looks;
    if (same) return;
    if (chosenOnly && this.map.getLayer("chosen")) {
      for (const each of ["chosen", "chosen-unit", "chosen-station"]) this.map.setFilter(each, ["==", ["get", "key"], looks.selected]);
    } else this.map.setStyle(this.style(), { diff: true });
  }

  /** Show all of these points, or one of them from near by. */
  show(points: readonly (readonly [number, number])[], quick: boolean): void {
    if (!points.length) return;
    const bounds = new LngLatBounds();
    for (const [lat, lon] of points) bounds.extend([lon, lat]);
    this.map.fitBounds(bounds, { padding: 60, maxZoom: Math.max(CLOSE_ZOOM, this.map.getZoom()), animate: !quick, duration: 300 });
  }

  remove(): void {
    cancelAnimationFrame(this.frame);
    this.map.remove();
  }

  /** How far the ground goes is known once its file has told. */
  private edge(): void {
    const ends = this.map.getSource<VectorTileSource>(GROUND_SOURCE)?.bounds;
    if (ends) this.set("beyond", beyondShapes(ends));
  }

  /** No more points than the processor draws in good time. */
  private spare(): void {
    const points = this.holder.clientWidth * this.holder.clientHeight;
    const ratio = Math.min(devicePixelRatio, Math.sqrt(DRAWN_MAX_PX / Math.max(points, 1)));
    if (Math.abs(this.map.getPixelRatio() - ratio) > 0.01) this.map.setPixelRatio(ratio);
  }

  private style(): StyleSpecification {
    const style = groundStyle(this.ground, this.looks.theme, this.looks.lang, this.looks.scale);
    for (const each of SOURCES) style.sources[each] = { type: "geojson", data: this.data[each] };
    style.layers.push(...happenings(tokensOf(this.holder), this.looks.selected, this.looks.scale));
    return style;
  }

  /** The signs of this theme; they are drawn anew when the theme changes. */
  private hang(): void {
    const ratio = Math.min(RATIO_MAX, Math.ceil(devicePixelRatio * this.looks.scale));
    const wanted = `${this.looks.theme} ${ratio}`;
    if (this.signs === wanted && this.map.hasImage("p1")) return;
    this.signs = wanted;
    for (const { name, image } of drawSigns(tokensOf(this.holder), ratio)) {
      if (this.map.hasImage(name)) this.map.removeImage(name);
      this.map.addImage(name, image, { pixelRatio: ratio });
    }
  }

  private touch(name: SourceName): void {
    this.dirty.add(name);
    this.frame ||= requestAnimationFrame(() => this.hand());
  }

  private hand(): void {
    this.frame = 0;
    for (const name of this.dirty) {
      const source = this.map.getSource<GeoJSONSource>(name);
      if (!source) continue; // the style is not there yet; it brings the data along
      source.setData(this.data[name]);
      this.handed += 1;
    }
    this.dirty.clear();
  }

  private under(event: MapMouseEvent): { key: MapKey; tip: string } | null {
    const { x, y } = event.point;
    const layers = TOUCHED.filter((each) => this.map.getLayer(each));
    const found = this.map.queryRenderedFeatures([[x - NEAR_PX, y - NEAR_PX], [x + NEAR_PX, y + NEAR_PX]], { layers });
    const top = found[0]?.properties;
    return top ? { key: top["key"] as MapKey, tip: String(top["tip"] ?? "") } : null;
  }

  private clicked(event: MapMouseEvent): void {
    this.told.click(this.under(event)?.key ?? null, event.lngLat.lat, event.lngLat.lng);
  }

  private hovered(event: MapMouseEvent): void {
    const found = this.under(event);
    this.map.getCanvas().style.cursor = found ? "pointer" : "";
    this.told.hover(found?.tip ?? "", event.point.x, event.point.y);
  }
}

/** What draws here: its name, or nothing where no map can be drawn at all. */
const drawnBy = ((): string | null => {
  try {
    const drawing = document.createElement("canvas").getContext("webgl2");
    const asked = drawing?.getExtension("WEBGL_debug_renderer_info");
    const name = drawing && String(drawing.getParameter(asked?.UNMASKED_RENDERER_WEBGL ?? drawing.RENDERER));
    drawing?.getExtension("WEBGL_lose_context")?.loseContext(); // a page has few of them to give away
    return name;
  } catch {
    return null;
  }
})();
/** Whether this browser can draw a map at all. */
export const canDraw = (): boolean => drawnBy !== null;
/** Whether it has no graphics card to do so. */
const software = (): boolean => SOFTWARE.test(drawnBy ?? "");
