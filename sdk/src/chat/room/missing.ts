import { TrackItError } from "../../errors.ts";

export function noSuchRoom(action: string, id: string): TrackItError {
  return new TrackItError("ACCESS_NOT_FOUND", `${action}: there is no room ${id} that this account is in`);
}
