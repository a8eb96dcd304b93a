// The signs on the map, drawn on a canvas in the colours of the theme: the same shapes as <Mark> and <UnitSign>.

export interface Sign {
  name: string;
  image: ImageData;
}
/** Colours by token name, as the element that holds the map has them. */
export function tokensOf(element: Element): (name: string) => string {
  const style = getComputedStyle(element);
  return (name) => style.getPropertyValue(`--${name}`).trim() || "#888888";
}

type Draw = (pen: CanvasRenderingContext2D, token: (name: string) => string) => void;
const SIZE = 24;
export const UNIT_STATUSES = ["available", "dispatched", "en_route", "on_scene", "out_of_service"] as const;

const closed = (...points: [number, number][]): Draw => (pen) => {
  pen.beginPath();
  points.forEach(([x, y], n) => (n ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.closePath();
};
const round = (radius: number): Draw => (pen) => {
  pen.beginPath();
  pen.arc(12, 12, radius, 0, 2 * Math.PI);
};
const OUTLINES: Record<number, Draw> = {
  1: closed([4, 4], [20, 4], [20, 20], [4, 20]),
  2: closed([12, 2], [22, 12], [12, 22], [2, 12]),
  3: closed([12, 3], [22, 20.5], [2, 20.5]),
  4: round(8.6),
  5: round(5.4),
};

const priority = (p: number): Draw => (pen, token) => {
  OUTLINES[p]!(pen, token);
  pen.lineJoin = "round";
  pen.lineWidth = 3.4; // a rim of the ground's colour keeps signs apart that lie on one another
  pen.strokeStyle = token("sheet");
  pen.stroke();
  pen.fillStyle = token(`p${p}`);
  pen.fill();
};

const unit = (status: (typeof UNIT_STATUSES)[number]): Draw => (pen, token) => {
  round(9.4)(pen, token);
  pen.fillStyle = token("sheet");
  pen.fill();
  const ink = status === "available" ? token("good") : status === "out_of_service" ? token("soft") : token("ink");
  pen.strokeStyle = pen.fillStyle = ink;
  pen.lineWidth = 2.4;
  pen.lineCap = "round";
  pen.lineJoin = "round";
  round(6.6)(pen, token);
  if (status === "on_scene") pen.fill();
  else if (status === "en_route") {
    pen.beginPath();
    pen.moveTo(5, 12); pen.lineTo(18.4, 12);
    pen.moveTo(13, 6.6); pen.lineTo(18.8, 12); pen.lineTo(13, 17.4);
    pen.stroke();
  } else {
    if (status === "dispatched") pen.setLineDash([3.2, 3.6]);
    pen.stroke();
    pen.setLineDash([]);
  }
  if (status === "out_of_service") {
    pen.beginPath();
    pen.moveTo(5.5, 18.5); pen.lineTo(18.5, 5.5);
    pen.stroke();
  }
};

const station = (joint: boolean): Draw => (pen, token) => {
  closed([4, 11], [12, 4], [20, 11], [20, 20], [4, 20])(pen, token);
  pen.lineJoin = "round";
  pen.lineWidth = 5;
  pen.strokeStyle = token("sheet");
  pen.stroke();
  pen.fillStyle = joint ? token("accent") : token("sheet");
  pen.fill();
  pen.lineWidth = 2;
  pen.strokeStyle = joint ? token("accent") : token("soft");
  pen.stroke();
};

const bar = (slow: boolean): Draw => (pen, token) => {
  round(9.4)(pen, token);
  pen.fillStyle = slow ? token("soon") : token("late");
  pen.fill();
  pen.strokeStyle = token("sheet");
  pen.lineWidth = 2;
  pen.stroke();
  pen.fillStyle = token("sheet");
  if (slow) {
    pen.fillRect(8, 7.5, 3, 9);
    pen.fillRect(13, 7.5, 3, 9);
  } else pen.fillRect(6.5, 10.2, 11, 3.6);
};

const late: Draw = (pen, token) => {
  pen.fillStyle = token("late");
  pen.fillRect(3, 10.5, 18, 3);
};

const pin: Draw = (pen, token) => {
  pen.strokeStyle = token("accent");
  pen.lineWidth = 2.4;
  round(8)(pen, token);
  pen.stroke();
  for (const [a, b, c, d] of [[12, 0, 12, 8], [12, 16, 12, 24], [0, 12, 8, 12], [16, 12, 24, 12]] as const) {
    pen.beginPath();
    pen.moveTo(a, b); pen.lineTo(c, d);
    pen.stroke();
  }
};

const SIGNS: Record<string, Draw> = {
  ...Object.fromEntries([1, 2, 3, 4, 5].map((p) => [`p${p}`, priority(p)])),
  ...Object.fromEntries(UNIT_STATUSES.map((each) => [`u_${each}`, unit(each)])),
  station: station(false),
  station_joint: station(true),
  closed: bar(false),
  slow: bar(true),
  late,
  pin,
};

/** Every sign, `ratio` pixels for one of the page's. */
export function drawSigns(token: (name: string) => string, ratio: number): Sign[] {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE * ratio;
  const pen = canvas.getContext("2d", { willReadFrequently: true })!;
  return Object.entries(SIGNS).map(([name, draw]) => {
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.scale(ratio, ratio);
    draw(pen, token);
    return { name, image: pen.getImageData(0, 0, canvas.width, canvas.height) };
  });
}
