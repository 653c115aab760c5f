/** The name with its mark. */
export function Brand() {
  return (
    <p className="brand">
      <img src="/icon.svg" alt="" width="30" height="30" />
      TrackIt
    </p>
  );
}
