import { type Token, Tokenizer, TokenizerMode } from "parse5";

/** A tag as a browser's tokenizer reads it, with its place in the text. */
export interface Tag {
  /** Lower case. */
  name: string;
  /** Names of the attributes, lower case. */
  attributes: readonly string[];
  closing: boolean;
  selfClosing: boolean;
  start: number;
  /** Behind the last character. */
  end: number;
}

/** How the text behind a tag is read on: as markup, or as characters up to the end tag of the same name. */
export interface Reading {
  mode: "markup" | "raw" | "script";
  /** Within svg or math, where `<![CDATA[` opens a section. */
  foreign: boolean;
}

/** Reads the tags of a text in order; `onTag` says after each how to go on. The one thing asked of the library. */
export type ReadTags = (text: string, onTag: (tag: Tag) => Reading) => void;

const states = {
  markup: TokenizerMode.DATA,
  raw: TokenizerMode.RAWTEXT,
  script: TokenizerMode.SCRIPT_DATA,
};

const ignore = () => {};

/** Reads by parse5, which follows the HTML standard state by state. */
export const readTags: ReadTags = (text, onTag) => {
  const meet = (token: Token.TagToken, closing: boolean) => {
    const reading = onTag({
      name: token.tagName,
      attributes: token.attrs.map(({ name }) => name),
      closing,
      selfClosing: token.selfClosing,
      start: token.location?.startOffset ?? 0,
      end: token.location?.endOffset ?? 0,
    });
    tokenizer.state = states[reading.mode];
    tokenizer.inForeignNode = reading.foreign;
  };
  const tokenizer = new Tokenizer(
    { sourceCodeLocationInfo: true },
    {
      onStartTag: (token) => meet(token, false),
      onEndTag: (token) => meet(token, true),
      onCharacter: ignore,
      onWhitespaceCharacter: ignore,
      onNullCharacter: ignore,
      onComment: ignore,
      onDoctype: ignore,
      onEof: ignore,
    },
  );
  tokenizer.write(text, true);
};
