// What clients ask of Storage, on one stack.
import { afterAll } from "vitest";
import "./storage-buckets.ts";
import "./storage-lists.ts";
import "./storage-objects.ts";
import "./storage-protocol.ts";
import "./storage-reference.ts";
import "./storage-resumable.ts";
import "./storage-signed.ts";
import "./storage-unfinished.ts";
import "./storage-versions.ts";
import { stopSharedKit } from "./storage-kit.ts";

afterAll(stopSharedKit);
