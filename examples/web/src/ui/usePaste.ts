import { useEffect } from "react";

/** Files that are pasted anywhere on the page but into a field. */
export function usePaste(onFiles: ((files: File[]) => void) | null): void {
  useEffect(() => {
    if (!onFiles) return;
    const paste = (event: ClipboardEvent) => {
      const isTyped = event.target instanceof Element && event.target.closest("input, textarea, dialog");
      const files = pastedFiles(event.clipboardData);
      if (isTyped || files.length === 0) return;
      event.preventDefault();
      onFiles(files);
    };
    addEventListener("paste", paste);
    return () => removeEventListener("paste", paste);
  }, [onFiles]);
}

/** What a clipboard holds of files. A picture without a name of its own is called by the time. */
export function pastedFiles(data: DataTransfer | null): File[] {
  const at = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString();
  return [...(data?.files ?? [])].map((file) =>
    file.name === "image.png"
      ? new File([file], `${at.slice(0, 19).replace("T", " ").replaceAll(":", ".")}.png`, { type: file.type })
      : file,
  );
}
