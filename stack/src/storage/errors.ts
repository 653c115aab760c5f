/** The codes that this part answers with, all of them storage-api's own. */
export type StorageCode =
  | "AccessDenied"
  | "BucketAlreadyExists"
  | "DatabaseError"
  | "DatabaseTimeout"
  | "EntityTooLarge"
  | "FeatureNotEnabled"
  | "InternalError"
  | "InvalidBucketName"
  | "InvalidJWT"
  | "InvalidKey"
  | "InvalidMimeType"
  | "InvalidParameter"
  | "InvalidRange"
  | "InvalidRequest"
  | "InvalidSignature"
  | "InvalidXRobotsTag"
  | "KeyAlreadyExists"
  | "NoSuchBucket"
  | "NoSuchKey"
  | "NoSuchUpload"
  | "PreconditionFailed"
  | "ResourceLocked"
  | "ResourceNotEmpty"
  | "SlowDown";

export interface StorageErrorOptions {
  /** What the body says in `error`; default the code. */
  word?: string;
  /** HTTP status; default 400 for whatever the caller did: clients read `statusCode` of the body, as on hosted. */
  status?: number;
  cause?: unknown;
}

/** A refusal as storage-api words it: `statusCode` is what it means, the HTTP status is 400 for most. */
export class StorageError extends Error {
  override readonly name = "StorageError";
  readonly code: StorageCode;
  /** What the body says in `statusCode`. */
  readonly meaning: number;
  readonly word: string;
  readonly status: number;

  constructor(code: StorageCode, meaning: number, message: string, options: StorageErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.meaning = meaning;
    this.word = options.word ?? code;
    this.status = options.status ?? (meaning >= 500 ? meaning : 400);
  }

  get body(): Record<string, string> {
    return {
      statusCode: String(this.meaning),
      error: this.word,
      message: this.message,
      code: this.code,
    };
  }
}

export const noSuchBucket = () =>
  new StorageError("NoSuchBucket", 404, "Bucket not found", { word: "Bucket not found" });
export const noSuchKey = () => new StorageError("NoSuchKey", 404, "Object not found", { word: "not_found" });
export const noSuchUpload = () => new StorageError("NoSuchUpload", 404, "Upload not found");
export const noSuchRoute = (method: string, path: string) =>
  new StorageError("InvalidRequest", 404, `Route ${method}:${path} not found`, {
    word: "Not Found",
    status: 404,
  });
export const invalidKey = (name: string) => new StorageError("InvalidKey", 400, `Invalid key: ${name}`);
export const invalidBucketName = () =>
  new StorageError("InvalidBucketName", 400, "Bucket name invalid", { word: "Invalid Input" });
export const invalidRequest = (message: string, cause?: unknown) =>
  new StorageError("InvalidRequest", 400, message, { word: "Error", cause });
const wrongType = (message: string) =>
  new StorageError("InvalidMimeType", 415, message, { word: "invalid_mime_type" });
export const invalidMimeType = (type: string) => wrongType(`mime type ${type} is not supported`);
export const malformedMimeType = () => wrongType("Invalid Content-Type header");
export const tooLarge = (what = "object") =>
  new StorageError("EntityTooLarge", 413, `The ${what} exceeded the maximum allowed size`, {
    word: "Payload too large",
  });
export const tooMuchUnderWay = () =>
  new StorageError("SlowDown", 429, "Too much was begun and not finished: finish or end some uploads", {
    status: 429,
  });
export const accessDenied = (message: string) =>
  new StorageError("AccessDenied", 403, message, { word: "Unauthorized" });
/** Hosted's own words for a request without any key, which it reads as an empty token. */
export const noKey = () => accessDenied("Invalid Compact JWS");
/** What only the holder of the secret key may do. */
export const wrongRole = () =>
  new StorageError("AccessDenied", 403, "Access denied: Invalid role", { word: "Unauthorized", status: 403 });
export const notEnabled = (feature: string, why = "", cause?: unknown) =>
  new StorageError(
    "FeatureNotEnabled",
    409,
    `The feature ${feature} is not enabled for this resource${why}`,
    {
      cause,
    },
  );
export const invalidSignature = (message = "Invalid signature") =>
  new StorageError("InvalidSignature", 400, message);
export const invalidToken = (message: string) => new StorageError("InvalidJWT", 400, message);
export const alreadyExists = (what: "BucketAlreadyExists" | "KeyAlreadyExists") =>
  new StorageError(what, 409, "The resource already exists", { word: "Duplicate" });
