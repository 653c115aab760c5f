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
  | "KeyAlreadyExists"
  | "NoSuchBucket"
  | "NoSuchKey"
  | "NoSuchUpload"
  | "ResourceLocked"
  | "ResourceNotEmpty"
  | "SlowDown";

/** A refusal as storage-api words it: `statusCode` is what it means, the HTTP status is 400 for most. */
export class StorageError extends Error {
  override readonly name = "StorageError";
  readonly code: StorageCode;
  /** What the body says in `statusCode`. */
  readonly meaning: number;
  /** What the body says in `error`. */
  readonly word: string;

  constructor(code: StorageCode, meaning: number, message: string, word: string = code, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.meaning = meaning;
    this.word = word;
  }

  /** Hosted answers 400 for whatever the caller did; clients read `statusCode` of the body. */
  get status(): number {
    return this.meaning >= 500 ? this.meaning : 400;
  }

  get body(): Record<string, string> {
    return {
      statusCode: String(this.meaning),
      code: this.code,
      error: this.word,
      message: this.message,
    };
  }
}

export const noSuchBucket = () =>
  new StorageError("NoSuchBucket", 404, "Bucket not found", "Bucket not found");
export const noSuchKey = () => new StorageError("NoSuchKey", 404, "Object not found", "not_found");
export const noSuchUpload = () => new StorageError("NoSuchUpload", 404, "Upload not found");
export const invalidKey = (name: string) => new StorageError("InvalidKey", 400, `Invalid key: ${name}`);
export const invalidBucketName = () =>
  new StorageError("InvalidBucketName", 400, "Bucket name invalid", "Invalid Input");
export const invalidRequest = (message: string) => new StorageError("InvalidRequest", 400, message, "Error");
export const invalidMimeType = (type: string) =>
  new StorageError("InvalidMimeType", 415, `mime type ${type} is not supported`, "invalid_mime_type");
export const tooLarge = (what = "object") =>
  new StorageError(
    "EntityTooLarge",
    413,
    `The ${what} exceeded the maximum allowed size`,
    "Payload too large",
  );
export const accessDenied = (message: string) =>
  new StorageError("AccessDenied", 403, message, "Unauthorized");
export const invalidSignature = (message = "Invalid signature") =>
  new StorageError("InvalidSignature", 400, message);
export const invalidToken = (message: string) => new StorageError("InvalidJWT", 400, message);
export const alreadyExists = (what: "BucketAlreadyExists" | "KeyAlreadyExists") =>
  new StorageError(what, 409, "The resource already exists", "Duplicate");
