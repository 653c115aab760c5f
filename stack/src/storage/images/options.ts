import { invalidRequest } from "../errors.ts";

/** How an image is to be served. */
export interface Transform {
  /** Pixels. */
  width?: number;
  height?: number;
  /** Fill the box and cut, fit into it, or stretch; default cover. */
  resize?: "cover" | "contain" | "fill";
  /** 20 to 100; default 80. */
  quality?: number;
  /** As it was stored, or AVIF; default whatever the caller takes, WebP first. */
  format?: "origin" | "avif";
}

const longestSide = 2500;

/**
 * @param get the value of an option, as text; null where it is not given
 * @throws StorageError InvalidRequest
 */
export function readTransform(get: (key: string) => string | null): Transform {
  return {
    ...whole("width", get("width"), 1, longestSide),
    ...whole("height", get("height"), 1, longestSide),
    ...whole("quality", get("quality"), 20, 100),
    ...oneOf("resize", get("resize"), ["cover", "contain", "fill"]),
    ...oneOf("format", get("format"), ["origin", "avif"]),
  };
}

function whole(key: string, text: string | null, least: number, most: number): Record<string, number> {
  if (text === null || text === "") return {};
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most))
    throw invalidRequest(`querystring/${key} must be a whole number from ${least} to ${most}`);
  return { [key]: value };
}

function oneOf(key: string, text: string | null, values: readonly string[]): Record<string, string> {
  if (text === null || text === "") return {};
  if (!values.includes(text))
    throw invalidRequest(`querystring/${key} must be equal to one of the allowed values`);
  return { [key]: text };
}

/** Hosted's words for the ways of `resize`. */
const resizing = { cover: "fill", contain: "fit", fill: "force" };

/** What was done, in the words of hosted's header; empty where nothing was. */
export function describeTransform({ width, height, resize, quality, format }: Transform): string {
  const words = [
    height && `height:${height}`,
    width && `width:${width}`,
    (width || height) && `resizing_type:${resizing[resize ?? "cover"]}`,
    quality && `quality:${quality}`,
    format && format !== "origin" && `format:${format}`,
  ];
  return words.filter(Boolean).join(",");
}
