export { applyDeviceEntry, DEVICE_RULES, type DeviceVoid, deviceId } from "./apply.ts";
export {
  type DeviceChange,
  type DeviceEntry,
  decodeDeviceEntry,
  encodeDeviceEntry,
  type SignedDeviceEntry,
} from "./layout.ts";
export {
  asSigner,
  makeDeviceEntry,
  makeIdentity,
  type Signer,
  signAddedKey,
  signDeviceChange,
} from "./make.ts";
export { hashName, nameHashAt, openName } from "./name.ts";
export {
  addedBy,
  type DeviceKey,
  type DeviceLog,
  deviceAt,
  devicesAt,
  isAhead,
  isOnLog,
  keyAt,
  recoveryKey,
  startDeviceLog,
} from "./state.ts";
