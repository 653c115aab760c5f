import path from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page, type Request } from "playwright-core";
import { expect } from "vitest";
import { createLog } from "../../stack/src/log.ts";
import { createWeb } from "../../stack/src/web/index.ts";
import { createPeople, type Person } from "../support/people.ts";
import { openStack, root, type TestStack } from "../support/stack.ts";

export const phone = { width: 390, height: 844 };
export const desktop = { width: 1280, height: 800 };

/** A page in a browser profile of its own, and what went wrong in it. */
export interface Visit {
  page: Page;
  /** Errors of scripts and of the policy, and requests that would have left the machine. */
  faults: string[];
  /** Another tab of the same profile. */
  tab(): Promise<Page>;
  close(): Promise<void>;
}

export interface House {
  stack: TestStack;
  web: string;
  mailbox: string;
  visit(options?: BrowserContextOptions): Promise<Visit>;
  /** A visit by somebody who has signed in by the page's own form. */
  visitAs(person: Person, options?: BrowserContextOptions): Promise<Visit>;
  person(name: string): Promise<Person>;
  close(): Promise<void>;
}

export const args = [
  "--no-sandbox",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-gpu",
  // No name but the machine's own leads anywhere, whatever a page asks for.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/** The stack, the built app on it, and one Chromium for all stories. */
export async function openHouse(executablePath: string): Promise<House> {
  const stack = await openStack();
  const web = await createWeb({
    root: path.join(root, "examples", "web", "dist"),
    port: 0,
    apiUrl: stack.env.API_URL,
    key: stack.env.PUBLISHABLE_KEY,
    log: createLog(() => {}),
  });
  const browser = await chromium.launch({ executablePath, args });
  const address = `http://127.0.0.1:${web.port}`;
  const visit = (options?: BrowserContextOptions) => openVisit(browser, options);
  return {
    stack,
    web: address,
    mailbox: stack.env.MAILPIT_URL,
    visit,
    async visitAs(person, options) {
      const visited = await visit(options);
      await visited.page.goto(`${address}/sign-in`);
      await signInByForm(visited.page, person);
      await visited.page.getByRole("heading", { name: /^(Tasks|Tarefas)$/ }).waitFor();
      return visited;
    },
    async person(name) {
      const people = await createPeople(stack, name);
      const person = people[name];
      if (!person) throw new Error(`${name} was not made`);
      return person;
    },
    async close() {
      await browser.close();
      await web.close();
      await stack.close();
    },
  };
}

async function openVisit(browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: desktop, locale: "en-GB", ...options });
  const faults: string[] = [];
  // What the policy stops is reported as a request as well, and never leaves the browser.
  const leave = (request: Request) => {
    const { protocol, hostname } = new URL(request.url());
    const local = protocol === "data:" || protocol === "blob:" || hostname === "127.0.0.1";
    if (!local && request.failure()?.errorText !== "csp") faults.push(`left the machine: ${request.url()}`);
  };
  context.on("requestfinished", leave);
  context.on("requestfailed", leave);
  const tab = async () => {
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
    page.on("console", (message) => {
      if (/Content Security Policy|Trusted/i.test(message.text())) faults.push(message.text());
    });
    return page;
  };
  return { page: await tab(), faults, tab, close: () => context.close() };
}

/** Fills and sends the form of the sign-in page that is open. */
export async function signInByForm(page: Page, { email, password }: Pick<Person, "email" | "password">) {
  const send = page.getByRole("button", { name: /^(Sign in|Entrar)$/ });
  await send.waitFor();
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel(/^(Password|Senha)$/).fill(password);
  await send.click();
}

/** Asks again until the answer is as expected; the time is a cap on a hang, not a wait. */
export function eventually<Answer>(ask: () => Answer | Promise<Answer>) {
  return expect.poll(ask);
}

interface Mail {
  Subject: string;
  HTML: string;
  Text: string;
}

/** The newest mail to somebody whose subject holds `subject`, read as a person would: from the mailbox. */
export async function readMail(house: House, to: string, subject: string): Promise<Mail> {
  const query = encodeURIComponent(`to:"${to}" subject:"${subject}"`);
  const find = async () => {
    const response = await fetch(`${house.mailbox}/api/v1/message/latest?query=${query}`);
    return response.ok ? ((await response.json()) as Mail) : null;
  };
  await eventually(find).not.toBeNull();
  const mail = await find();
  if (!mail) throw new Error(`the mail to ${to} about ${subject} is gone again`);
  return mail;
}

/** The address of the first link in a mail. */
export function linkIn({ HTML }: Mail): URL {
  const [, href] = /href="([^"]+)"/.exec(HTML) ?? [];
  if (!href) throw new Error(`no link in the mail: ${HTML}`);
  return new URL(href.replaceAll("&amp;", "&"));
}

/** The digits in a mail. */
export function codeIn({ HTML, Text }: Mail): string {
  const words = Text || HTML.replace(/<style.*?<\/style>/gs, "").replace(/<[^>]+>/g, " ");
  const [code] = /\b\d{6}\b/.exec(words) ?? [];
  if (!code) throw new Error(`no code in the mail: ${words}`);
  return code;
}

/** How many pixels a page is wider than its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
