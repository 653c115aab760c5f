import { createSuite, type Suite } from "../../../sdk/src/crypto/suite/index.ts";
import { answers, type Scenario } from "./answers.ts";
import { make, type Objects, openAll, sameFile } from "./exchange.ts";
import { refuses } from "./expect.ts";

const scenarios: Record<string, Scenario> = {
  ...answers,
  async "keys that do not leave"(suite) {
    const [{ privateKey: signing }, wrapping] = await Promise.all([
      suite.makeSigningKeys(),
      suite.makeWrapKeys(),
    ]);
    const secret = suite.random(32);
    const label = suite.random(32);
    const wrapped = await suite.wrap(wrapping.publicKey, secret, label);
    const unwrapped = await suite.unwrap(wrapping.privateKey, wrapped, label);
    for (const key of [signing, wrapping.privateKey, unwrapped, await suite.hmacKey(secret)]) {
      if (key.extractable) throw new Error(`${key.algorithm.name} is extractable`);
      const format = key.type === "private" ? "pkcs8" : "raw";
      for (const one of [format, "jwk"] as const) {
        const left = await suite.subtle.exportKey(one as "raw", key).then(
          () => true,
          () => false,
        );
        if (left) throw new Error(`${key.algorithm.name} left as ${one}`);
      }
    }
    await refuses(() => suite.unwrap(wrapping.privateKey, wrapped, secret));
  },
};

/** What a runtime answers. */
export interface Answers {
  /** Each scenario with "ok" or what went wrong. */
  outcomes: Record<string, string>;
  /** What has to be the same everywhere. */
  file: string;
  /** What is random, for other runtimes to open. */
  made: Objects;
}

/** All known answers, and objects for other runtimes to open. */
export async function conform(crypto: Crypto): Promise<Answers> {
  const suite = createSuite(crypto);
  const outcomes: Record<string, string> = {};
  for (const [name, scenario] of Object.entries(scenarios)) outcomes[name] = await outcomeOf(scenario, suite);
  return { outcomes, file: await sameFile(suite), made: await make(suite) };
}

/** Opens what other runtimes made, by their names. */
export async function openOthers(
  crypto: Crypto,
  others: Record<string, Objects>,
): Promise<Record<string, string>> {
  const suite = createSuite(crypto);
  const outcomes: Record<string, string> = {};
  for (const [name, made] of Object.entries(others)) {
    outcomes[name] = await outcomeOf((given) => openAll(given, made), suite);
  }
  return outcomes;
}

async function outcomeOf(scenario: Scenario, suite: Suite): Promise<string> {
  try {
    await scenario(suite);
    return "ok";
  } catch (error) {
    return String(error);
  }
}
