/** What went wrong with a form as a whole; said aloud as soon as it is there. */
export function Alert({ text }: { text: string | null }) {
  if (text === null) return null;
  return (
    <p className="alert" role="alert">
      {text}
    </p>
  );
}
