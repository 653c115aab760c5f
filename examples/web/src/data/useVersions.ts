import { isVersionConflict, type VersionConflict } from "@trackit/sdk";
import { useState } from "react";
import { useAction } from "./useAction.ts";

interface Row {
  id: string;
  version: number;
}

/** The way of an edit from the version that it began with to the one that is stored. */
export interface Versions<R extends Row> {
  /** Writes on top of `based`. A change from elsewhere becomes `conflict`; anything else is thrown. */
  save(based: R): Promise<void>;
  conflict: VersionConflict<R> | null;
  /** Shows an edit that is not saved yet beside the row as it is by now. @param patch what was changed in `based` */
  compare(patch: object, based: R, now: R): void;
  /** The reader's word on a conflict. */
  keepMine(): void;
  takeTheirs(): void;
  decideLater(): void;
}

/**
 * @param write sends the edit on top of a row
 * @param done told the row that stands in the end: the written one, or theirs
 */
export function useVersions<R extends Row>(
  write: (based: R) => Promise<R>,
  done: (row: R, outcome: "written" | "theirs") => void,
): Versions<R> {
  const act = useAction();
  const [conflict, setConflict] = useState<VersionConflict<R> | null>(null);
  const save = async (based: R) => {
    try {
      done(await write(based), "written");
    } catch (error) {
      if (!isVersionConflict<R>(error)) throw error;
      setConflict(error.details);
    }
  };
  const decide = (then: (theirs: R) => void) => () => {
    setConflict(null);
    if (conflict) then(conflict.theirs);
  };
  const compare = (patch: object, { id, version }: R, now: R) =>
    setConflict({ mine: { ...(patch as Partial<R>), id, version }, theirs: now });
  return {
    save,
    conflict,
    compare,
    keepMine: decide((theirs) => void act(() => save(theirs))),
    takeTheirs: decide((theirs) => done(theirs, "theirs")),
    decideLater: decide(() => {}),
  };
}

/** One field of two versions, as the reader sees it. */
export interface Difference {
  name: string;
  mine: string;
  theirs: string;
}

interface Shown<R> {
  name: string;
  text(row: Partial<R>): string;
}

/** The fields of an edit that differ from the row as it is now, in words. */
export function differences<R extends Row, Field extends keyof R & string>(
  { mine, theirs }: VersionConflict<R>,
  shown: Record<Field, Shown<R>>,
): Difference[] {
  const fields = Object.keys(shown) as Field[];
  return fields
    .filter((field) => field in mine && JSON.stringify(mine[field]) !== JSON.stringify(theirs[field]))
    .map((field) => ({
      name: shown[field].name,
      mine: shown[field].text(mine),
      theirs: shown[field].text(theirs),
    }));
}
