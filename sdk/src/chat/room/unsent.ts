import { TrackItError } from "../../errors.ts";
import type { Draft } from "./drafts.ts";

const ACTION = "room.send";

export const refused = (id: string): TrackItError =>
  new TrackItError(
    "CONFLICT_DEVICE_SEQ",
    `${ACTION}: message ${id} was signed under a number that was taken`,
    {
      hint: "Another tab of this device was at work: say it again",
    },
  );

export const discarded = (): TrackItError =>
  new TrackItError("NETWORK_ABORTED", `${ACTION}: the message was discarded`);

export const notSent = (status: Draft["status"]): TrackItError =>
  new TrackItError("CONFLICT_BUSY", `${ACTION}: the message is ${status}, another tab says`, {
    hint: "room.release(message) sends it, room.discard(message) gives it up",
  });

export const closed = (): TrackItError =>
  new TrackItError(
    "NETWORK_ABORTED",
    `${ACTION}: the client was closed; the message is kept and sent next time`,
  );
