const textOpcode = 0x81;
const binaryOpcode = 0x82;

/**
 * Frames a message as one WebSocket frame of a server, which is not masked and so the same for every receiver:
 * a fan-out builds it once (RFC 6455, section 5.2).
 */
export function frame(data: string | Buffer): Buffer {
  const length = typeof data === "string" ? Buffer.byteLength(data) : data.length;
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const bytes = Buffer.allocUnsafe(header + length);
  bytes[0] = typeof data === "string" ? textOpcode : binaryOpcode;
  if (header === 2) bytes[1] = length;
  else if (header === 4) {
    bytes[1] = 126;
    bytes.writeUInt16BE(length, 2);
  } else {
    bytes[1] = 127;
    bytes.writeBigUInt64BE(BigInt(length), 2);
  }
  if (typeof data === "string") bytes.write(data, header);
  else data.copy(bytes, header);
  return bytes;
}
