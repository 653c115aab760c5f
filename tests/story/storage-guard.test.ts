// What Storage lets nobody do, on one stack.
import { afterAll } from "vitest";
import "./storage-doors.ts";
import "./storage-images.ts";
import "./storage-policies.ts";
import "./storage-rubbish.ts";
import "./storage-serving.ts";
import { stopSharedKit } from "./storage-kit.ts";

afterAll(stopSharedKit);
