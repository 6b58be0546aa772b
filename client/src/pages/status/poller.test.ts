import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { type Ask, pause, Poller } from "./poller";

describe("the pause", () => {
    it("is the usual one, a little shorter or longer", () => {
        expect([pause(5000, 0, 0), pause(5000, 0, 1)]).toEqual([4250, 5750]);
    });

    it("doubles with each failure, up to a minute", () => {
        expect([0, 1, 2, 3, 4, 50].map((failures) => pause(5000, failures, 0.5))).toEqual([
            5000, 10_000, 20_000, 40_000, 60_000, 60_000,
        ]);
    });

    it("does not get shorter where the server wants more than a minute", () => {
        expect(pause(300_000, 3, 0.5)).toBe(300_000);
    });
});

describe("a poller", () => {
    const onFailure = vi.fn();
    beforeEach(() => {
        vi.useFakeTimers();
        vi.spyOn(Math, "random").mockReturnValue(0.5);
    });
    afterEach(() => {
        vi.useRealTimers();
        vi.restoreAllMocks();
        onFailure.mockReset();
    });

    const passes = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);
    const make = (ask: Ask) => new Poller(ask, 5000, onFailure);

    it("asks again and again", async () => {
        const ask = vi.fn<Ask>().mockResolvedValue("again");
        make(ask).start();
        expect(ask).not.toHaveBeenCalled();
        await passes(15_000);
        expect(ask).toHaveBeenCalledTimes(3);
    });

    it("never asks while it waits for an answer", async () => {
        const answers: ((outcome: "again") => void)[] = [];
        const ask = vi.fn<Ask>(() => new Promise((resolve) => answers.push(resolve)));
        const poller = make(ask);
        poller.start();
        await passes(20_000);
        expect(ask).toHaveBeenCalledTimes(1);
        answers[0]?.("again");
        await passes(5000);
        expect(ask).toHaveBeenCalledTimes(2);
    });

    it("asks at once when it is told to, or right after the present question", async () => {
        const answers: ((outcome: "again") => void)[] = [];
        const ask = vi.fn<Ask>(() => new Promise((resolve) => answers.push(resolve)));
        const poller = make(ask);
        poller.start();
        poller.now();
        expect(ask).toHaveBeenCalledTimes(1);
        poller.now();
        expect(ask).toHaveBeenCalledTimes(1);
        answers[0]?.("again");
        await passes(1);
        expect(ask).toHaveBeenCalledTimes(2);
        answers[1]?.("again");
        await passes(1);
        expect(ask).toHaveBeenCalledTimes(2);
    });

    it("gives a question up that takes too long, and asks again", async () => {
        const ask = vi.fn<Ask>(
            (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("late")))),
        );
        make(ask).start();
        await passes(5000 + 30_000);
        expect(onFailure).toHaveBeenCalledTimes(1);
        await passes(10_000);
        expect(ask).toHaveBeenCalledTimes(2);
    });

    it("asks less often while it fails, and as before once it is answered", async () => {
        const ask = vi.fn<Ask>().mockRejectedValueOnce(new Error()).mockRejectedValueOnce(new Error());
        ask.mockResolvedValue("again");
        make(ask).start();
        await passes(5000 + 10_000);
        expect(ask).toHaveBeenCalledTimes(2);
        await passes(19_000);
        expect(ask).toHaveBeenCalledTimes(2);
        await passes(1000 + 5000);
        expect(ask).toHaveBeenCalledTimes(4);
        expect(onFailure).toHaveBeenCalledTimes(2);
    });

    it("sleeps while nobody looks, and asks at once when somebody does", async () => {
        const ask = vi.fn<Ask>().mockResolvedValue("again");
        const poller = make(ask);
        poller.start();
        poller.sleep();
        await passes(600_000);
        poller.now();
        expect(ask).not.toHaveBeenCalled();
        poller.wake();
        poller.wake();
        await passes(0);
        expect(ask).toHaveBeenCalledTimes(1);
    });

    it("drops its question when it falls asleep, which is no failure", async () => {
        const ask = vi.fn<Ask>(
            (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("away")))),
        );
        const poller = make(ask);
        poller.start();
        await passes(5000);
        poller.sleep();
        await passes(600_000);
        expect(onFailure).not.toHaveBeenCalled();
        expect(ask).toHaveBeenCalledTimes(1);
    });

    it("asks anew when it is woken before the dropped question has ended", async () => {
        const ask = vi.fn<Ask>(
            (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("away")))),
        );
        const poller = make(ask);
        poller.start();
        await passes(5000);
        poller.sleep();
        poller.wake();
        await passes(0);
        expect(ask).toHaveBeenCalledTimes(2);
        expect(onFailure).not.toHaveBeenCalled();
    });

    it("ends when it is told to", async () => {
        const ask = vi.fn<Ask>().mockResolvedValue("done");
        const poller = make(ask);
        poller.start();
        await passes(5000);
        poller.sleep();
        poller.wake();
        await passes(600_000);
        expect(ask).toHaveBeenCalledTimes(1);
    });
});
