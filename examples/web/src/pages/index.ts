import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type { Dictionary } from "../i18n/en.ts";
import type { IconName } from "../ui/Icon.tsx";

/** A page of its own in the navigation; a capability adds one line here and a folder beside this file. */
export interface AppPage {
  /** First part of the path. */
  path: string;
  icon: IconName;
  label(t: Dictionary): string;
  Page: LazyExoticComponent<ComponentType>;
}

export const pages: readonly AppPage[] = [
  {
    path: "tasks",
    icon: "list",
    label: (t) => t.nav.tasks,
    Page: lazy(() => import("./tasks/TasksPage.tsx")),
  },
  {
    path: "goals",
    icon: "target",
    label: (t) => t.nav.goals,
    Page: lazy(() => import("./goals/GoalsPage.tsx")),
  },
  {
    path: "activity",
    icon: "clock",
    label: (t) => t.nav.activity,
    Page: lazy(() => import("./activity/ActivityPage.tsx")),
  },
  {
    path: "sanitize",
    icon: "shield",
    label: (t) => t.nav.sanitize,
    Page: lazy(() => import("./sanitize/SanitizePage.tsx")),
  },
  {
    path: "profile",
    icon: "user",
    label: (t) => t.nav.profile,
    Page: lazy(() => import("./profile/ProfilePage.tsx")),
  },
];
