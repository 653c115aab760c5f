import { useCallback, useEffect, useState } from "react";
import { useAnswer } from "../../data/useAnswer.ts";
import { Button } from "../../ui/Button.tsx";
import { Told } from "../../ui/States.tsx";
import { usePicture } from "./FileList.tsx";
import type { Source } from "./useSaving.ts";
import { useFilesWords } from "./words.ts";

/** What a page may show of what it has read: pictures that hold no script, and text as text. */
const PICTURE = /^image\/(png|jpeg|webp|gif|avif|bmp)$/;
const TEXT = /^text\/(plain|markdown|csv)$|^application\/json$/;
const MOST = { picture: 25 * 1_048_576, text: 262_144 };

function kindOf({ type, size }: Source): "picture" | "text" | null {
  const bare = type.split(";")[0]?.trim().toLowerCase() ?? "";
  if (PICTURE.test(bare) && size <= MOST.picture) return "picture";
  return TEXT.test(bare) && size <= MOST.text ? "text" : null;
}

export const canPreview = (source: Source): boolean => kindOf(source) !== null;

/**
 * The small picture that came with a file; and a picture or a text itself, when it is asked for: until then nothing of
 * it is read.
 */
export function Preview({ source, thumbnail }: { source: Source; thumbnail: Blob | null }) {
  const { f } = useFilesWords();
  const [shown, setShown] = useState(false);
  const small = usePicture(thumbnail);
  const can = canPreview(source);
  if (shown && can) return <Previewed source={source} />;
  if (!small && !can) return null;
  return (
    <div className="stack saving">
      {small && <img className="file-picture" src={small} alt="" />}
      {can && (
        <Button icon="eye" onClick={() => setShown(true)}>
          {f.show}
        </Button>
      )}
    </div>
  );
}

/** Reads it and shows it. */
export function Previewed({ source }: { source: Source }) {
  // As it is when it is opened: what it is made of may be made anew with every drawing.
  const [{ download }] = useState(source);
  const read = useAnswer(useCallback((signal: AbortSignal) => download({ signal }), [download]));
  if (!read.answer) return <Told asked={read} />;
  if (kindOf(source) === "picture") return <Picture blob={read.answer} name={source.name} />;
  return <Text blob={read.answer} name={source.name} />;
}

function Picture({ blob, name }: { blob: Blob; name: string }) {
  const url = usePicture(blob);
  return url && <img className="preview" src={url} alt={name} />;
}

function Text({ blob, name }: { blob: Blob; name: string }) {
  const [text, setText] = useState("");
  useEffect(() => void blob.text().then(setText), [blob]);
  return <textarea className="input preview" readOnly rows={10} aria-label={name} value={text} />;
}
