import type { ServerResponse } from "node:http";
import { readBody } from "../gateway/body.ts";
import type { NodePart } from "../gateway/node-part.ts";
import type { RequestContext } from "../part.ts";
import { createEngine, type EngineOptions } from "./engine.ts";
import type { Reply } from "./error-reply.ts";
import { splitUrl } from "./input.ts";

export type RestOptions = EngineOptions;

/** Bytes of a request body; a thousand rows of ordinary size fit. */
const bodyLimit = 10 * 1024 * 1024;

/** PostgREST's API on `/rest/v1`, for node requests and for web ones. */
export async function createRest(options: RestOptions): Promise<NodePart> {
  const engine = await createEngine(options);
  return {
    async handle(req, res, context) {
      const { method = "GET", headers } = req;
      const body = method === "GET" || method === "HEAD" ? empty : await readBody(req, bodyLimit);
      send(res, await engine.answer({ method, ...splitUrl(req.url ?? ""), headers, body }, context));
    },
    async fetch(request: Request, context: RequestContext) {
      const { pathname, search } = new URL(request.url);
      const reply = await engine.answer(
        {
          method: request.method,
          ...splitUrl(pathname + search),
          headers: Object.fromEntries(request.headers),
          body: Buffer.from(await request.arrayBuffer()),
        },
        context,
      );
      const body = reply.status === 204 ? null : new Uint8Array(Buffer.from(reply.body));
      return new Response(body, { status: reply.status, headers: reply.headers });
    },
    close: () => engine.close(),
  };
}

const empty = Buffer.alloc(0);

function send(res: ServerResponse, { status, headers, body }: Reply): void {
  const length =
    status === 204 || res.req.method === "HEAD" ? {} : { "content-length": Buffer.byteLength(body) };
  res.writeHead(status, { ...headers, ...length });
  res.end(status === 204 || res.req.method === "HEAD" ? undefined : body);
}
