import { describe, expect, it } from "vitest";

import { read } from "./answers";

const answer = (status: number, body: string | null, headers: Record<string, string> = {}) =>
    read(new Response(body, { status, headers }));

describe("an answer", () => {
    it("may be that nothing has changed", async () => {
        expect(await answer(304, null)).toEqual({ kind: "same" });
    });

    it("has fresh content and its tag", async () => {
        const fresh = await answer(200, "<p>one</p><p>two</p>", { etag: 'W/"a"', "content-type": "text/html" });
        expect(fresh.kind === "fresh" && [fresh.etag, fresh.content.querySelectorAll("p").length]).toEqual([
            'W/"a"',
            2,
        ]);
    });

    it.each([403, 404, 410])("says why the dashboard is closed: %d", async (status) => {
        const closed = await answer(status, "Because.", { "content-type": "text/plain; charset=utf-8" });
        expect(closed).toEqual({ kind: "closed", sentence: "Because.", reloadHelps: status === 403 });
    });

    it("says it in words of ours where a proxy has answered", async () => {
        const closed = await answer(403, "<html>nginx</html>", { "content-type": "text/html" });
        expect(closed.kind === "closed" && closed.sentence).toBe("This dashboard is not open to you any more.");
    });

    it.each([500, 502, 503, 429])("is none if the server is in trouble: %d", async (status) => {
        await expect(answer(status, "Try again in a minute.")).rejects.toThrow(`answered ${status}`);
    });

    it("is none if it is the page of somebody else", async () => {
        await expect(answer(200, "<html>Log in to the hotel's network</html>")).rejects.toThrow("answered 200");
    });
});
