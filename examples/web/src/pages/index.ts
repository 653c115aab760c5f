import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type { Dictionary } from "../i18n/en.ts";
import type { IconName } from "../ui/Icon.tsx";

/** A page of its own in the navigation; a capability adds one line here and a folder beside this file. */
export interface AppPage {
  /** First part of the path. */
  path: string;
  icon: IconName;
  label(t: Dictionary): string;
  load(): Promise<unknown>;
  Page: LazyExoticComponent<ComponentType>;
}

/** A page whose code comes when it is first opened, or before. */
function page(
  path: string,
  icon: IconName,
  label: AppPage["label"],
  load: () => Promise<{ default: ComponentType }>,
): AppPage {
  return { path, icon, label, load, Page: lazy(load) };
}

export const pages: readonly AppPage[] = [
  page(
    "tasks",
    "list",
    (t) => t.nav.tasks,
    () => import("./tasks/TasksPage.tsx"),
  ),
  page(
    "goals",
    "target",
    (t) => t.nav.goals,
    () => import("./goals/GoalsPage.tsx"),
  ),
  page(
    "chat",
    "chat",
    (t) => t.nav.chat,
    () => import("./chat/ChatPage.tsx"),
  ),
  page(
    "files",
    "folder",
    (t) => t.nav.files,
    () => import("./files/FilesPage.tsx"),
  ),
  page(
    "activity",
    "clock",
    (t) => t.nav.activity,
    () => import("./activity/ActivityPage.tsx"),
  ),
  page(
    "sanitize",
    "shield",
    (t) => t.nav.sanitize,
    () => import("./sanitize/SanitizePage.tsx"),
  ),
  page(
    "profile",
    "user",
    (t) => t.nav.profile,
    () => import("./profile/ProfilePage.tsx"),
  ),
];

/** Has the code of every page at hand, so that a page can be opened without a network. */
export function loadPages(): void {
  for (const { load } of pages) load().catch(() => undefined);
}
