import { readdir, readFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { htmlToText } from "./plain.ts";
import { escapeHtml, parseTemplate, render } from "./template.ts";

const fill = (template: string, values: Record<string, unknown> = {}): string =>
  render(parseTemplate(template), values, escapeHtml);

describe("a mail template", () => {
  it("puts values in, however deep, and nothing for what is missing", () => {
    const values = { Token: "123456", Data: { locale: "pt" } };
    expect(fill("{{ .Token }} {{.Data.locale}} [{{ .Data.name }}{{ .Nope.deeper }}]", values)).toBe(
      "123456 pt []",
    );
  });

  it("chooses by eq, ne, truth, else if and else", () => {
    const template =
      '{{ if eq .Data.locale "pt" "pt-BR" }}olá{{ else if ne .Data.locale "" }}{{ if .Data.formal }}good day{{ else }}hi{{ end }}{{ else }}-{{ end }}';
    expect(fill(template, { Data: { locale: "pt-BR" } })).toBe("olá");
    expect(fill(template, { Data: { locale: "en", formal: true } })).toBe("good day");
    expect(fill(template, { Data: { locale: "en" } })).toBe("hi");
    expect(fill(template, { Data: { locale: "" } })).toBe("-");
  });

  it("trims white space where it is told to, and skips comments", () => {
    expect(fill("a \n{{- /* note */ -}}\n b {{ .X -}}  c", { X: 1 })).toBe("ab 1c");
  });

  it.each([
    ["{{ range .Items }}x{{ end }}", '"range .Items"'],
    ["{{ .Token | printf }}", '".Token | printf"'],
    ["{{ if .A }}x", "without {{ end }}"],
    ["a {{ .Token", "{{ .Token"],
    ['a {{ if eq .A "x }}', "is no action"],
    ["x{{ end }}", "belongs to no {{ if }}"],
    ["{{ else }}", "belongs to no {{ if }}"],
    ["{{ if eq .A }}x{{ end }}", "1 operands"],
    ["{{ .A.1b }}", '".A.1b"'],
  ])("refuses %s", (template, reason) => {
    expect(() => parseTemplate(template)).toThrow(reason);
  });

  it("lets no value out of its place, and reads no inherited property", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        const html = fill('<a href="{{ .V }}">{{ .V }}</a>', { V: value });
        expect(html.replace(/^<a href="/, "").replace(/<\/a>$/, "")).not.toMatch(/<|"(?!>)/);
      }),
    );
    expect(fill("{{ .constructor }}{{ .Data.__proto__ }}", { Data: {} })).toBe("");
  });

  it("gives text back as it is when it holds no action", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes("{{"));
        expect(fill(text)).toBe(text);
      }),
    );
  });
});

describe("the project's templates", () => {
  const folder = new URL("../../../../supabase/templates/", import.meta.url);

  it("are there in both languages, load nothing from elsewhere, and read well as text", async () => {
    const files = (await readdir(folder)).filter((name) => name.endsWith(".html"));
    expect(files).toHaveLength(6);
    for (const file of files) {
      const nodes = parseTemplate(await readFile(new URL(file, folder), "utf8"));
      const values = (locale: string) => ({
        Data: { locale },
        SiteURL: "https://app.example",
        TokenHash: "abc",
        Token: "123456",
        Email: "ada@example.com",
        NewEmail: "ada@example.org",
      });
      const [english, portuguese] = [
        render(nodes, values("en"), escapeHtml),
        render(nodes, values("pt"), escapeHtml),
      ];
      expect(english).toContain('lang="en"');
      expect(portuguese).toContain('lang="pt"');
      expect(english).not.toBe(portuguese);
      expect(english).not.toMatch(/<(img|script|link|iframe)\b|url\(|@import/);
      const text = htmlToText(english);
      expect(text).not.toMatch(/[<>]|&\w+;|\{/);
      if (file !== "reauthentication.html") {
        expect(text).toMatch(/https:\/\/app\.example\/auth\/confirm\?token_hash=abc&type=\w+/);
      }
    }
  });
});
