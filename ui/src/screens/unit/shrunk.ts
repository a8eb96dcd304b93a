// Pictures of a size that a bad line bears.

// The house keeps 2,560 pixels; more would only fill the phone and a bad line.
const EDGE_MAX = 2_560;
const QUALITY = 0.85;
const SMALL_BYTES = 1_500_000;

/** The picture in at most the size in which it is kept; as it is, where the browser can't read it. */
export async function shrunk(picture: Blob): Promise<Blob> {
  if (picture.size <= SMALL_BYTES && /^image\/(jpeg|png|webp)$/.test(picture.type)) return picture;
  try {
    const image = await createImageBitmap(picture);
    const scale = Math.min(1, EDGE_MAX / Math.max(image.width, image.height));
    const sheet = new OffscreenCanvas(Math.round(image.width * scale), Math.round(image.height * scale));
    sheet.getContext("2d")!.drawImage(image, 0, 0, sheet.width, sheet.height);
    return await sheet.convertToBlob({ type: "image/jpeg", quality: QUALITY });
  } catch {
    return picture;
  }
}
