import type { ImportReport, TransferFormat } from "@trackit/sdk";
import { useId, useRef, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { useAction } from "../../data/useAction.ts";
import { useWords } from "../../i18n/language.tsx";
import { Button } from "../../ui/Button.tsx";
import { saveAs } from "../../ui/saveAs.ts";

/** Everything out as a file, and back in. */
export function DataCard() {
  const { t } = useWords();
  const client = useClient();
  const act = useAction();
  const [busy, setBusy] = useState<string | null>(null);
  const [report, setReport] = useState<ImportReport | null>(null);
  const run = async (name: string, call: () => Promise<void>) => {
    setBusy(name);
    await act(call);
    setBusy(null);
  };
  const save = (format: TransferFormat) =>
    run(format, async () => {
      const type = format === "json" ? "application/json" : "text/csv";
      saveAs(new Blob([await client.export({ format }).text()], { type }), `trackit.${format}`);
    });
  const take = (file: File) =>
    run(t.profile.importing(0, 0), async () => {
      setReport(null);
      const onProgress = ({ done, total }: { done: number; total: number }) =>
        setBusy(t.profile.importing(done, total));
      setReport(await client.import(await file.text(), { onProgress }));
    });
  return (
    <section className="card stack" aria-label={t.profile.data}>
      <h2>{t.profile.data}</h2>
      <p className="quiet">{t.profile.dataLead}</p>
      <div className="row">
        <Button icon="download" busy={busy === "json"} onClick={() => void save("json")}>
          {t.profile.exportJson}
        </Button>
        <Button icon="download" busy={busy === "csv"} onClick={() => void save("csv")}>
          {t.profile.exportCsv}
        </Button>
        <FileButton onFile={(file) => void take(file)} />
      </div>
      <div role="status">
        {busy !== null && busy !== "json" && busy !== "csv" && <p>{busy}</p>}
        {report && <Report report={report} />}
      </div>
    </section>
  );
}

function FileButton({ onFile }: { onFile(file: File): void }) {
  const { t } = useWords();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button icon="upload" onClick={() => input.current?.click()}>
        {t.profile.import}
      </Button>
      <input
        ref={input}
        id={id}
        type="file"
        accept=".json,.csv,application/json,text/csv"
        hidden
        aria-label={t.profile.import}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file) onFile(file);
        }}
      />
    </>
  );
}

function Report({ report }: { report: ImportReport }) {
  const { t } = useWords();
  return (
    <>
      <p className="notice">{t.profile.imported(report.created, report.unchanged)}</p>
      {report.failed.length > 0 && <p className="error">{t.profile.importFailed(report.failed.length)}</p>}
      <ul className="failures">
        {report.failed.slice(0, 50).map((failure) => (
          <li key={`${failure.line} ${failure.code}`} className="small">
            <strong>{t.profile.importLine(failure.line)}</strong> {failure.message}
          </li>
        ))}
      </ul>
    </>
  );
}
