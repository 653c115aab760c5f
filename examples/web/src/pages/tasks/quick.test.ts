import { describe, expect, test } from "vitest";
import { readQuick } from "./quick.ts";

describe("a task in one line", () => {
  test("tags and priority come out of the title, in either language", () => {
    expect(readQuick("Buy shoes #sport !high")).toEqual({ title: "Buy shoes", tags: ["sport"], priority: 3 });
    expect(readQuick("Comprar ténis #corrida !média")).toMatchObject({ title: "Comprar ténis", priority: 2 });
    expect(readQuick("a #x #y #x !1")).toEqual({ title: "a", tags: ["x", "y"], priority: 1 });
  });

  test("what is neither stays in the title", () => {
    expect(readQuick("C# in 3 days! #1-2 !wow")).toMatchObject({
      title: "C# in 3 days! !wow",
      tags: ["1-2"],
    });
    expect(readQuick("call # 5")).toEqual({ title: "call # 5", tags: [], priority: 0 });
  });

  test("a line of nothing but marks is a title, so that nothing typed is lost", () => {
    expect(readQuick(" #sport !high ")).toEqual({ title: "#sport !high", tags: [], priority: 0 });
    expect(readQuick("")).toEqual({ title: "", tags: [], priority: 0 });
  });
});
