export type Language = "en" | "pt";

/** What a template may say. */
export interface Context {
  /** How the reader is called. */
  name: string;
  /** BCP 47, for dates. */
  locale: string;
  timeZone: string;
  data: Record<string, unknown>;
}

/** The words of a mail, without form. */
export interface Words {
  subject: string;
  paragraphs: string[];
  /** A button that leads into the app. */
  action?: { label: string; path: string };
}

export type Template = Record<Language, (context: Context) => Words>;

const text = (value: unknown) => (typeof value === "string" ? value : "");

/** A moment in the reader's language and time zone, or null where there is none. */
function moment(value: unknown, { locale, timeZone }: Context): string | null {
  const time = new Date(text(value));
  if (typeof value !== "string" || Number.isNaN(time.getTime())) return null;
  const style = { dateStyle: "full", timeStyle: "short" } as const;
  try {
    return new Intl.DateTimeFormat(locale, { ...style, timeZone }).format(time);
  } catch {
    // A zone that Postgres knows and this runtime does not.
    return `${new Intl.DateTimeFormat(languageOf(locale), { ...style, timeZone: "UTC" }).format(time)} UTC`;
  }
}

/** Portuguese for whoever asks for it in any of its forms, else English. */
export const languageOf = (locale: string): Language => (/^pt\b/i.test(locale) ? "pt" : "en");

/** Every mail by the name of its row in private.mail_templates. */
export const templates: Record<string, Template> = {
  task_reminder: {
    en: (context) => {
      const due = moment(context.data.due_at, context);
      return {
        subject: `Reminder: ${text(context.data.title)}`,
        paragraphs: [
          `Hello ${context.name},`,
          `you asked to be reminded of “${text(context.data.title)}”.`,
          ...(due ? [`It is due on ${due}.`] : []),
        ],
        action: { label: "Open the task", path: `/tasks?task=${text(context.data.task)}` },
      };
    },
    pt: (context) => {
      const due = moment(context.data.due_at, context);
      return {
        subject: `Lembrete: ${text(context.data.title)}`,
        paragraphs: [
          `Olá, ${context.name},`,
          `você pediu um lembrete de “${text(context.data.title)}”.`,
          ...(due ? [`O prazo termina em: ${due}.`] : []),
        ],
        action: { label: "Abrir a tarefa", path: `/tasks?task=${text(context.data.task)}` },
      };
    },
  },
  account_suspended: {
    en: ({ name }) => ({
      subject: "Your TrackIt account is suspended",
      paragraphs: [
        `Hello ${name},`,
        "an administrator has suspended your account. Until it is restored you cannot sign in, and nothing of yours is deleted.",
      ],
    }),
    pt: ({ name }) => ({
      subject: "A sua conta TrackIt está suspensa",
      paragraphs: [
        `Olá, ${name},`,
        "um administrador suspendeu a sua conta. Enquanto isso você não pode entrar, e nada do que é seu é apagado.",
      ],
    }),
  },
  account_restored: {
    en: ({ name }) => ({
      subject: "Your TrackIt account is restored",
      paragraphs: [`Hello ${name},`, "your account is open again. You can sign in as before."],
      action: { label: "Open TrackIt", path: "/" },
    }),
    pt: ({ name }) => ({
      subject: "A sua conta TrackIt foi restaurada",
      paragraphs: [`Olá, ${name},`, "a sua conta está aberta de novo. Você pode entrar como antes."],
      action: { label: "Abrir o TrackIt", path: "/" },
    }),
  },
};
