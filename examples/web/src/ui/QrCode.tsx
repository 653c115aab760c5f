import { useMemo } from "react";
import { qrSquares } from "./qr.ts";

/** A text as a QR code: dark on light in every appearance, because cameras expect it so. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => {
    const { dark, size: side } = qrSquares(text);
    return { size: side, path: dark.map(([x, y]) => `M${x} ${y}h1v1h-1z`).join("") };
  }, [text]);
  return (
    <svg
      className="qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
