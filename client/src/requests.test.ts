import { afterEach, expect, test, vi } from "vitest";

import { Refused, request } from "./requests";

afterEach(() => {
    vi.unstubAllGlobals();
});

function answers(body: string, status = 200): ReturnType<typeof vi.fn> {
    const fetched = vi.fn(() => Promise.resolve(new Response(body, { status })));
    vi.stubGlobal("fetch", fetched);
    return fetched;
}

test("what is sent is JSON, and so is what comes back", async () => {
    const fetched = answers('{"member": true}');
    await expect(request("PUT", "/api/hand", { raised: true })).resolves.toEqual({ member: true });
    const [address, options] = fetched.mock.calls[0] as [string, RequestInit];
    expect([address, options.method, options.body]).toEqual(["/api/hand", "PUT", '{"raised":true}']);
});

test("a refusal has Galaxy's words and its status", async () => {
    answers('{"err_msg": "The training is over.", "err_code": 403002}', 410);
    const refusal = await request("GET", "/api/x").catch((problem: unknown) => problem);
    expect(refusal).toBeInstanceOf(Refused);
    expect(refusal).toMatchObject({ status: 410, message: "The training is over." });
});

test("an error page of a proxy is a refusal too", async () => {
    answers("<html>Bad gateway</html>", 502);
    await expect(request("GET", "/api/x")).rejects.toMatchObject({ status: 502 });
});

test("a page where JSON should be is trouble, not an answer", async () => {
    answers("<html>Maintenance");
    await expect(request("GET", "/api/x")).rejects.toThrow();
});

test("no answer is no refusal", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("network")));
    const problem = await request("GET", "/api/x").catch((error: unknown) => error);
    expect(problem).not.toBeInstanceOf(Refused);
});
