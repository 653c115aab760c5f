import type { Refusal } from "./identify.ts";

/** How a part's clients expect a refusal to look. */
export type RefusalDialect = "rest" | "auth" | "storage";

export interface RefusalReply {
  status: number;
  body: Record<string, unknown>;
  headers: Record<string, string>;
}

/** What the hosted gateway says before any part is asked. */
const keyRefusals: Record<"no-key" | "bad-key", Record<string, unknown>> = {
  "no-key": {
    message: "No API key found in request",
    hint: "No `apikey` request header or url param was found.",
  },
  "bad-key": {
    message: "Invalid API key",
    hint: "Double check your Supabase `anon` or `service_role` API key.",
  },
};

/** What storage-api says of a token that it did not take; its clients read `statusCode` of the body. */
const storageFaults = {
  malformed: "Invalid Compact JWS",
  signature: "signature verification failed",
  claims: "JWT claims validation failed",
};

const restRefusal = (code: string, message: string, details: string | null) => ({
  status: 401,
  body: { code, details, hint: null, message },
  headers: { "www-authenticate": `Bearer error="invalid_token", error_description="${message}"` },
});

/** The answer to a caller whose key or token was not accepted, in the words of the part that was asked for. */
export function refusalReply(refusal: Refusal, dialect: RefusalDialect): RefusalReply {
  if (refusal === "no-key" || refusal === "bad-key") {
    return { status: 401, body: keyRefusals[refusal], headers: {} };
  }
  if (dialect === "auth") {
    const why = refusal === "expired" ? "token is expired" : "unable to parse or verify signature";
    return {
      status: 403,
      body: { code: 403, error_code: "bad_jwt", msg: `invalid JWT: ${why}` },
      headers: {},
    };
  }
  if (dialect === "storage") {
    const message = refusal === "expired" ? '"exp" claim timestamp check failed' : storageFaults[refusal];
    return {
      status: 400,
      body: { statusCode: "403", code: "AccessDenied", error: "Unauthorized", message },
      headers: {},
    };
  }
  switch (refusal) {
    case "expired":
      return restRefusal("PGRST303", "JWT expired", null);
    case "claims":
      return restRefusal("PGRST303", "JWT claims validation failed", null);
    case "signature":
      return restRefusal(
        "PGRST301",
        "No suitable key or wrong key type",
        "None of the keys was able to decode the JWT",
      );
    case "malformed":
      return restRefusal("PGRST301", "JWT could not be decoded", null);
  }
}
