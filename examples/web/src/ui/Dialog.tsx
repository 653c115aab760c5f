import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { useWords } from "../i18n/language.tsx";
import { IconButton } from "./Button.tsx";

/** A modal sheet: the browser's own dialog keeps the focus inside and closes it on Escape. */
export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose(): void;
  children: ReactNode;
}) {
  const { t } = useWords();
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  // Closed while it still stands in the page, it gives the focus back to where it was.
  useLayoutEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className="sheet"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className="sheet-head">
        <h2 id={id}>{title}</h2>
        <IconButton icon="close" label={t.app.close} onClick={onClose} />
      </div>
      <div className="sheet-body">{children}</div>
    </dialog>
  );
}
