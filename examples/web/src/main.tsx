import { createTrackIt } from "@trackit/sdk";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App.tsx";
import { CrashBoundary, StartFailed } from "./app/Crash.tsx";
import { ClientProvider } from "./app/client.tsx";
import { loadConfig } from "./app/config.ts";
import { LinkProvider } from "./app/online.tsx";
import { ChangesDialogProvider } from "./app/sync/ChangesDialog.tsx";
import { SignOutProvider } from "./app/sync/SignOut.tsx";
import { applyTheme } from "./app/theme.ts";
import { ToastProvider } from "./app/toasts.tsx";
import { OutboxProvider } from "./data/outbox.tsx";
import { LanguageProvider } from "./i18n/language.tsx";
import { sweepDisk } from "./ui/onDisk.ts";
import "./ui/base.css";
import "./ui/controls.css";

applyTheme();
void sweepDisk();
const element = document.getElementById("app");
if (!element) throw new Error("index.html has no #app: the page cannot be drawn");
const root = createRoot(element);

try {
  const client = createTrackIt({ ...(await loadConfig()), offline: true });
  root.render(
    <StrictMode>
      <LanguageProvider>
        <CrashBoundary>
          <ClientProvider client={client}>
            <LinkProvider>
              <OutboxProvider>
                <ToastProvider>
                  <SignOutProvider>
                    <ChangesDialogProvider>
                      <App />
                    </ChangesDialogProvider>
                  </SignOutProvider>
                </ToastProvider>
              </OutboxProvider>
            </LinkProvider>
          </ClientProvider>
        </CrashBoundary>
      </LanguageProvider>
    </StrictMode>,
  );
} catch (error) {
  console.error(error);
  root.render(
    <LanguageProvider>
      <StartFailed />
    </LanguageProvider>,
  );
}
