import { type IconName, isIcon } from "../../ui/Icon.tsx";

/** The colours that a goal may have; others, written by other programs, show as the first. */
export const colours = ["teal", "blue", "violet", "pink", "red", "orange", "amber", "green"] as const;
export type Colour = (typeof colours)[number];

export const goalIcons = [
  "target",
  "book",
  "briefcase",
  "home",
  "heart",
  "leaf",
  "coin",
  "plane",
  "music",
  "star",
] as const satisfies readonly IconName[];
export type GoalIcon = (typeof goalIcons)[number];

/** The CSS value of a goal's colour. */
export function hueOf({ colour }: { colour: string | null }): string {
  return `var(--${colours.find((one) => one === colour) ?? "teal"})`;
}

export function iconOf({ icon }: { icon: string | null }): IconName {
  return icon !== null && isIcon(icon) ? icon : "target";
}
