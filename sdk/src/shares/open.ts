import { toUuid } from "../chat/ids.ts";
import type { Connection } from "../connect.ts";
import { type Bytes, fromBase64url, openFailed, toBase64url } from "../crypto/bytes/index.ts";
import { sealedLength } from "../crypto/chunked/index.ts";
import type { FileInfo } from "../crypto/file/index.ts";
import { doorToken, type LinkFragment, readFragment, unlock } from "../crypto/link/index.ts";
import { createSuite } from "../crypto/suite/index.ts";
import { isTrackItError, TrackItError } from "../errors.ts";
import { thumbnailOf } from "../files/attachment.ts";
import { doorOf, readFrom } from "../files/door.ts";
import { intoTarget, toBlob, toStream } from "../files/download/deliver.ts";
import type { Ask } from "../files/download/fetch.ts";
import { readContent } from "../files/download/open.ts";
import type { DownloadOptions } from "../files/types.ts";
import { briefly } from "../retry/again.ts";
import type { CallOptions } from "../types.ts";
import { ask, type Told } from "./post.ts";
import type { OpenedShare } from "./types.ts";

type Open = Extract<Told, { outcome: "open" }>;

export async function lookAt(
  connection: Connection,
  link: string | URL,
  { signal }: CallOptions,
): Promise<{ password: boolean }> {
  const action = "shares.look";
  const fragment = fragmentOf(link, action);
  await doorOfLink(connection, fragment, action, signal);
  return { password: fragment.password };
}

export async function openShare(
  connection: Connection,
  link: string | URL,
  { password, signal }: CallOptions & { password?: string | undefined },
): Promise<OpenedShare> {
  const action = "shares.open";
  const suite = createSuite(connection.crypto);
  const fragment = fragmentOf(link, action);
  if (fragment.password && !password) {
    await doorOfLink(connection, fragment, action, signal);
    throw new TrackItError("ACCESS_PASSWORD", `${action}: this link wants a password`);
  }
  const given = fragment.password ? { password } : {};
  const { access, door, open } = await unlock(suite, fragment, given);
  const args = {
    ...{ link: toUuid(fragment.id), door: toBase64url(door), access: toBase64url(access) },
    nonce: toBase64url(suite.random(16)),
  };
  // An answer may be lost after the download was counted: by its nonce another try is known for the same opening.
  const told = await briefly(() => ask(connection, args, action, signal), signal);
  if (told.outcome !== "open" || !told.grant || !told.body) throw openFailed();
  return opened(
    connection,
    { link: args.link, grant: told.grant, told },
    await open(fromBase64url(told.body)),
  );
}

function opened(
  connection: Connection,
  { link, grant, told }: { link: string; grant: string; told: Open },
  info: FileInfo,
): OpenedShare {
  const suite = createSuite(connection.crypto);
  const isBare = info.key.every((byte) => byte === 0);
  const content = (
    options: Omit<DownloadOptions, "version">,
    action: string,
  ): AsyncGenerator<Bytes, void> => {
    const { signal = new AbortController().signal, ...part } = options;
    const file = {
      suite,
      ask: renewing(connection, { link, grant, first: told.url }, action),
      // The link itself says whether a file is sealed: a server that says otherwise changes nothing.
      info: isBare ? null : info,
      stored: isBare ? info.size : sealedLength(info.size),
      hash: isBare ? info.hash : null,
    };
    return readContent(file, { ...part, signal, action });
  };
  const { name, type, size } = info;
  return {
    ...{ name, type, size, thumbnail: thumbnailOf(info), encrypted: !isBare, expiresAt: told.expires_at },
    download: async (options = {}) => toBlob(content(options, "share.download"), type),
    stream: (options = {}) => toStream(content(options, "share.stream")),
    save: (target, options = {}) =>
      intoTarget(target, async () => ({ file: undefined, content: content(options, "share.save") })),
  };
}

/** Reads by an address that is good for a minute, and asks for another when it is over. */
function renewing(
  connection: Connection,
  { link, grant, first }: { link: string; grant: string; first: string | null },
  action: string,
): Ask {
  const door = doorOf(connection);
  let url = first;
  return async ({ from, to }, signal) => {
    const headers = { range: `bytes=${from}-${to - 1}` };
    const read = (address: string) =>
      readFrom(connection.send ?? fetch, door.url(address), headers, action, signal);
    if (url) {
      try {
        return await read(url);
      } catch (error) {
        if (!isOver(error)) throw error;
        url = null;
      }
    }
    const told = await ask(connection, { link, grant }, action, signal);
    if (told.outcome !== "open") throw openFailed();
    if (!told.url) throw new TrackItError("NETWORK_SERVER", `${action}: the files are away at present`);
    url = told.url;
    return read(url);
  };
}

/** An address whose time is over is refused like any wrong one. */
const isOver = (error: unknown): boolean =>
  isTrackItError(error) && /^(USAGE_INVALID|ACCESS_|AUTH_REQUIRED)/.test(error.code);

async function doorOfLink(
  connection: Connection,
  fragment: LinkFragment,
  action: string,
  signal?: AbortSignal,
): Promise<void> {
  const door = toBase64url(await doorToken(createSuite(connection.crypto), fragment));
  await ask(connection, { link: toUuid(fragment.id), door }, action, signal);
}

/** What is no link at all is as dead as one that was. */
function fragmentOf(link: string | URL, action: string): LinkFragment {
  const text = String(link);
  try {
    return readFragment(text.slice(text.indexOf("#") + 1));
  } catch (cause) {
    throw new TrackItError("ACCESS_NOT_FOUND", `${action}: this is no whole link`, {
      cause,
      hint: "Links have everything behind their #: copy it whole",
    });
  }
}
