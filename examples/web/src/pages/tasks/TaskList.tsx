import type { Goal, Task } from "@trackit/sdk";
import { Fragment, useState } from "react";
import { isOpen } from "../../data/taskViews.ts";
import type { ListState } from "../../data/useList.ts";
import { useTaskWrites } from "../../data/useTaskWrites.ts";
import { useWords } from "../../i18n/language.tsx";
import { Button } from "../../ui/Button.tsx";
import { Stale } from "../../ui/States.tsx";
import { TaskRow } from "./TaskRow.tsx";
import { type Node, nest } from "./tree.ts";
import { type Drag, useDrag } from "./useDrag.ts";
import "./tasks.css";

interface TaskListProps {
  list: ListState<Task>;
  /** Goals to name in the rows; left out where every task is of one goal. */
  goals?: readonly Goal[];
  /** Whether the order is the user's own, and so may be changed. */
  sortable?: boolean;
  /** Shows finished tasks apart, folded. */
  foldFinished?: boolean;
}

/** Rows of tasks with their subtasks below them. */
export function TaskList({ list, goals = [], sortable = false, foldFinished = false }: TaskListProps) {
  const { t } = useWords();
  const shown = foldFinished ? list.rows.filter(isOpen) : list.rows;
  const folded = foldFinished ? list.rows.filter((task) => !isOpen(task)) : [];
  const nodes = nest(shown);
  const top = nodes.filter((node) => node.depth === 0).map((node) => node.task);
  const { drag, told } = useTaskDrag(top);
  return (
    <>
      <Rows nodes={nodes} goals={goals} drag={sortable && top.length > 1 ? drag : null} />
      <p className="hidden" aria-live="assertive">
        {told}
      </p>
      <Stale list={list} />
      {list.more && (
        <Button tone="ghost" onClick={list.more}>
          {t.app.more}
        </Button>
      )}
      {folded.length > 0 && (
        <details className="folded">
          <summary>{t.tasks.finished(folded.length)}</summary>
          <Rows nodes={nest(folded)} goals={goals} drag={null} />
        </details>
      )}
    </>
  );
}

function Rows({ nodes, goals, drag }: { nodes: readonly Node[]; goals: readonly Goal[]; drag: Drag | null }) {
  const tops = nodes.filter((node) => node.depth === 0);
  return (
    <ul className="tasks">
      {nodes.map(({ task, depth }) => {
        const place = depth === 0 && drag?.over != null ? tops.findIndex((node) => node.task === task) : -1;
        // A subtask is of its parent's goal: once is enough.
        const goal = depth === 0 ? goals.find((one) => one.id === task.goalId) : undefined;
        return (
          <Fragment key={task.id}>
            {drag?.id && place === drag.over && <li className="drop" aria-hidden="true" />}
            <TaskRow task={task} depth={depth} goal={goal} drag={drag} />
          </Fragment>
        );
      })}
      {drag?.id && drag.over === tops.length && <li className="drop" aria-hidden="true" />}
    </ul>
  );
}

/** Moves tasks among their siblings, and says for readers where each one went. */
function useTaskDrag(tasks: readonly Task[]): { drag: Drag; told: string } {
  const { t } = useWords();
  const { reorder } = useTaskWrites();
  const [told, setTold] = useState("");
  const ids = tasks.map((task) => task.id);
  const drag = useDrag(ids, (id, index) => {
    const task = tasks.find((one) => one.id === id);
    const others = ids.filter((one) => one !== id);
    const after = others[index - 1];
    const before = others[0];
    if (!task || before === undefined) return;
    void reorder(task, after === undefined ? { before } : { after }).then((done) => {
      if (done) setTold(t.tasks.moved(task.title, index + 1, ids.length));
    });
  });
  return { drag, told };
}
