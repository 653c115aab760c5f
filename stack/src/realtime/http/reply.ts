export const accepted = (): Response => new Response("", { status: 202 });

export const refused = (status: number, error: string): Response => Response.json({ error }, { status });

export const unprocessable = (errors: Record<string, string[]>): Response =>
  Response.json({ errors }, { status: 422 });
