import { createReadStream, createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { createServer } from "node:http";
import { pipeline } from "node:stream/promises";

/** A server that keeps one file: PUT writes it down and waits for the disk, GET reads it. In a process of its own. */
const [, , file = ""] = process.argv;

const server = createServer(async (request, response) => {
  try {
    if (request.method === "PUT") {
      await pipeline(request, createWriteStream(file));
      const written = await open(file);
      await written.sync();
      await written.close();
      response.writeHead(204).end();
    } else {
      await pipeline(createReadStream(file), response.writeHead(200));
    }
  } catch (error) {
    response.destroy(error as Error);
  }
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.(typeof address === "object" && address ? `http://127.0.0.1:${address.port}` : "");
});
process.on("disconnect", () => process.exit());
