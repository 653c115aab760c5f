import type { BenchStack } from "../lib/stack.ts";

export interface Account {
  id: string;
  email: string;
  password: string;
}

/** Accounts as an administrator makes them, for clients that sign in by themselves. */
export async function makeAccounts(stack: BenchStack, count: number, name: string): Promise<Account[]> {
  const accounts: Account[] = [];
  for (let number = 0; number < count; number++) {
    const email = `${name}${number}@example.org`;
    const password = "correct horse battery 1";
    const answer = await fetch(`${stack.url}/auth/v1/admin/users`, {
      method: "POST",
      headers: {
        apikey: stack.secretKey,
        authorization: `Bearer ${stack.secretKey}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({
        email,
        password,
        email_confirm: true,
        user_metadata: { username: `bench-${name}${number}` },
      }),
    });
    const { id } = (await answer.json()) as { id?: string };
    if (!id) throw new Error(`making ${email} was answered with ${answer.status}`);
    accounts.push({ id, email, password });
  }
  return accounts;
}
