import { type ReactNode, useRef } from "react";
import { Button } from "../../ui/Button.tsx";
import type { IconName } from "../../ui/Icon.tsx";

interface PickFilesProps {
  children: ReactNode;
  onPick(files: File[]): void;
  multiple?: boolean;
  icon?: IconName;
  tone?: "primary" | "plain" | "ghost";
  small?: boolean;
}

/** A button that opens the device's own chooser. */
export function PickFiles({ children, onPick, multiple = false, ...button }: PickFilesProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button {...button} onClick={() => input.current?.click()}>
        {children}
      </Button>
      <input
        ref={input}
        className="hidden"
        type="file"
        tabIndex={-1}
        aria-hidden="true"
        multiple={multiple}
        onChange={({ currentTarget }) => {
          onPick([...(currentTarget.files ?? [])]);
          // The same file can be chosen again.
          currentTarget.value = "";
        }}
      />
    </>
  );
}
