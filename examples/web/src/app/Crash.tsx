import { Component, type ReactNode } from "react";
import { useWords } from "../i18n/language.tsx";
import { Button } from "../ui/Button.tsx";
import { Empty } from "../ui/States.tsx";

/** Keeps one broken page from taking everything with it. */
export class CrashBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? <Crashed /> : this.props.children;
  }
}

function Crashed() {
  const { t } = useWords();
  return (
    <Empty icon="warning" title={t.app.crashed}>
      <Button onClick={() => location.reload()}>{t.app.reload}</Button>
    </Empty>
  );
}

/** Shown when the configuration cannot be had: there is no server to talk to. */
export function StartFailed() {
  const { t } = useWords();
  return (
    <Empty icon="warning" title={t.app.startFailed}>
      <Button onClick={() => location.reload()}>{t.app.reload}</Button>
    </Empty>
  );
}
