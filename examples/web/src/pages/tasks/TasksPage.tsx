import { useDeferredValue, useEffect, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { useReturn } from "../../app/online.tsx";
import { Panes } from "../../app/Panes.tsx";
import { Link, navigate, useAddress, withQuery } from "../../app/router.tsx";
import { Views } from "../../app/Views.tsx";
import { dayField } from "../../data/due.ts";
import { goalSource } from "../../data/goalViews.ts";
import { type TaskView, taskViews, viewSource } from "../../data/taskViews.ts";
import { useList } from "../../data/useList.ts";
import { useWords } from "../../i18n/language.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Aside, Empty, Failed, Loading } from "../../ui/States.tsx";
import { QuickAdd } from "./QuickAdd.tsx";
import { TaskDetail } from "./TaskDetail.tsx";
import { TaskList } from "./TaskList.tsx";

/** All tasks, by view, words and tag; the chosen one beside them. */
export default function TasksPage() {
  const { t } = useWords();
  const address = useAddress();
  const view = taskViews.find((one) => one === address.searchParams.get("view")) ?? "all";
  const taskId = address.searchParams.get("task");
  return (
    <Panes
      label={t.tasks.title}
      detailLabel={t.tasks.details}
      open={taskId}
      detail={taskId ? <TaskDetail id={taskId} key={taskId} /> : <Aside icon="list">{t.tasks.choose}</Aside>}
    >
      <div className="page-head">
        <h1>{t.tasks.title}</h1>
        <SearchField />
      </div>
      {view !== "done" && view !== "deleted" && (
        <QuickAdd day={view === "today" ? dayField(new Date()) : ""} />
      )}
      <ViewStrip view={view} />
      <TagChip />
      <Tasks view={view} />
    </Panes>
  );
}

function Tasks({ view }: { view: TaskView }) {
  const { t } = useWords();
  const client = useClient();
  const { searchParams } = useAddress();
  const search = useDeferredValue(searchParams.get("q") ?? "");
  const tag = searchParams.get("tag");
  const list = useList(viewSource(client, { view, search, tag }));
  const goals = useList(goalSource(client, "open"));
  // What is due depends on the time, of which nothing tells.
  useReturn(view === "today" || view === "overdue" || view === "soon" ? list.reload : nothing);
  if (list.status === "loading") return <Loading />;
  if (list.status === "failed" && list.rows.length === 0)
    return <Failed error={list.error} retry={list.reload} />;
  if (list.rows.length > 0)
    return <TaskList list={list} goals={goals.rows} sortable={view === "all" && search === "" && !tag} />;
  if (search !== "" || tag) return <Empty icon="search" title={t.tasks.emptySearch} />;
  return (
    <Empty icon="check" title={t.tasks.empty[view]}>
      {view === "all" && <p>{t.tasks.emptyLead}</p>}
    </Empty>
  );
}

function nothing(): void {}

function ViewStrip({ view }: { view: TaskView }) {
  const { t } = useWords();
  const address = useAddress();
  const views = taskViews.map((one) => ({
    href: withQuery(address, { view: one === "all" ? null : one, task: null }),
    label: t.tasks.views[one],
    current: one === view,
  }));
  return <Views label={t.tasks.view} views={views} />;
}

/** Puts the words into the address once typing rests, so that a search can be kept and shared. */
function SearchField() {
  const { t } = useWords();
  const address = useAddress();
  const [words, setWords] = useState(address.searchParams.get("q") ?? "");
  useEffect(() => {
    const timer = setTimeout(() => {
      const now = new URL(location.href);
      if ((now.searchParams.get("q") ?? "") !== words.trim())
        navigate(withQuery(now, { q: words.trim() }), { replace: true });
    }, 250);
    return () => clearTimeout(timer);
  }, [words]);
  return (
    <label className="search">
      <span className="hidden">{t.tasks.search}</span>
      <Icon name="search" size={18} />
      <input
        className="input"
        type="search"
        value={words}
        placeholder={t.tasks.search}
        onChange={(event) => setWords(event.target.value)}
      />
    </label>
  );
}

function TagChip() {
  const { t } = useWords();
  const address = useAddress();
  const tag = address.searchParams.get("tag");
  if (!tag) return null;
  return (
    <p className="row">
      <Link
        className="button plain small"
        href={withQuery(address, { tag: null })}
        aria-label={t.tasks.clearTag}
      >
        #{tag}
        <Icon name="close" size={16} />
      </Link>
    </p>
  );
}
