import { toUuid } from "../../sdk/src/chat/ids.ts";
import { toBase64url } from "../../sdk/src/crypto/bytes/index.ts";
import { doorToken, readFragment, type SlowHash, unlock } from "../../sdk/src/crypto/link/index.ts";
import { createSuite } from "../../sdk/src/crypto/suite/index.ts";

export const suite = createSuite();

/** What of a link goes to the function. */
export interface LinkTokens {
  link: string;
  door: string;
  access: string;
}

/** The tokens of a link, as its opener makes them. @param slowHash instead of Argon2id, where its slowness is not the point */
export async function tokensOf(
  link: string,
  given: { password?: string; slowHash?: SlowHash } = {},
): Promise<LinkTokens> {
  const fragment = readFragment(link.slice(link.indexOf("#") + 1));
  const door = toBase64url(await doorToken(suite, fragment));
  if (fragment.password && given.password === undefined)
    return { link: toUuid(fragment.id), door, access: toBase64url(suite.random(32)) };
  const { access } = await unlock(suite, fragment, given);
  return { link: toUuid(fragment.id), door, access: toBase64url(access) };
}
