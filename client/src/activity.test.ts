import { expect, test } from "vitest";

import {
    type Activity,
    barsInWords,
    duration,
    segmentsOf,
    spansOf,
    timeTicks,
    totalsOf,
    type Wait,
    waitSentence,
    waitTicks,
} from "./activity";

const GROUPS = [
    { name: "ok", states: ["ok"] },
    { name: "failed", states: ["error", "failed"] },
    { name: "other", states: [] },
];

const wait = (median: number): Wait => ({ jobs: 100, sampled: false, p25: 1, median, p75: 9000 });

const waits = (members: number | null, others: number | null, others_withheld: string | null = null) => ({
    members: members === null ? null : wait(members),
    members_withheld: members === null ? "too_few" : null,
    others: others === null ? null : wait(others),
    others_withheld,
});

const activity: Activity = {
    bucket_seconds: 300,
    buckets: [
        { start: "2026-11-17T11:50:00Z", states: { ok: 3, error: 1, failed: 1, skipped: 2 } },
        { start: "2026-11-17T11:55:00Z", states: {} },
        { start: "2026-11-17T12:00:00Z", states: { error: 1 } },
    ],
    waits: waits(12, 180),
};

const spans = spansOf(activity, GROUPS);

test("states are summed up in their groups, those that nobody knows in the last", () => {
    expect(spans.map(({ counts, total }) => [total, ...counts.values()])).toEqual([
        [7, 3, 2, 2],
        [0, 0, 0, 0],
        [1, 0, 1, 0],
    ]);
    expect([...totalsOf(spans, GROUPS)]).toEqual([
        ["ok", 3],
        ["failed", 3],
        ["other", 2],
    ]);
});

test("bars are stacked without gaps and without empty parts", () => {
    expect(
        segmentsOf(spans).map(({ from, group, below, above }) => [from.getUTCMinutes(), group, below, above]),
    ).toEqual([
        [50, "ok", 0, 3],
        [50, "failed", 3, 5],
        [50, "other", 5, 7],
        [0, "failed", 0, 1],
    ]);
    expect(spans[0]?.to).toEqual(spans[1]?.from);
});

const labels = (from: string, to: string, most: number): string[] =>
    timeTicks(new Date(from), new Date(to), most).map(({ label }) => label.replace(" ", " "));

test("times are round in local time and fit the width", () => {
    const [from, to] = ["2026-11-17T09:05:00Z", "2026-11-17T12:10:00Z"];
    expect(timeTicks(new Date(from), new Date(to), 7).map(({ at }) => at.toISOString().slice(11, 16))).toEqual([
        "09:30",
        "10:00",
        "10:30",
        "11:00",
        "11:30",
        "12:00",
    ]);
    expect(labels(from, to, 3)).toHaveLength(1);
});

test("midnight has the name of its day", () => {
    expect(labels("2026-11-15T18:00:00Z", "2026-11-18T10:00:00Z", 3)).toEqual(["Mon 16", "Tue 17", "Wed 18"]);
    expect(labels("2026-11-15T22:00:00Z", "2026-11-16T01:00:00Z", 4)[1]).toBe("Mon 16");
});

test("times stay round when the clocks change", () => {
    const ticks = timeTicks(new Date("2026-10-24T22:00:00Z"), new Date("2026-10-25T12:00:00Z"), 5);
    expect(ticks.map(({ at }) => at.getHours() % 3)).toEqual(ticks.map(() => 0));
});

test("waits have round labels from nothing to the longest", () => {
    expect(waitTicks(25, 5).map(({ label }) => label)).toEqual(["0", "5 s", "10 s", "15 s", "20 s", "25 s"]);
    expect(waitTicks(310, 4).map(({ label }) => label)).toEqual(["0", "2 min", "4 min"]);
    expect(waitTicks(1_000_000, 4).length).toBeLessThanOrEqual(5);
});

test("a duration is as exact as one remembers it", () => {
    expect([0, 45, 60, 151, 599, 600, 3599, 3660, 7200, 100_000].map(duration)).toEqual([
        "0 s",
        "45 s",
        "1 min",
        "2 min 31 s",
        "9 min 59 s",
        "10 min",
        "1 h",
        "1 h 1 min",
        "2 h",
        "27 h 47 min",
    ]);
});

test("the waits of the class stand beside everybody else's in a sentence", () => {
    expect(waitSentence(waits(12, 180))).toBe(
        "Half of the jobs of this class started within 12 s; elsewhere on this server, half started within 3 min.",
    );
    expect(waitSentence(waits(0, 180))).toContain("within 1 s;");
});

test("what is not shown is explained", () => {
    expect(waitSentence(waits(12, null, "too_few"))).toContain("everybody else are too few");
    expect(waitSentence(waits(12, null, "one_person"))).toContain("mostly one person’s");
    expect(waitSentence(waits(null, 180))).toMatch(/too few of its jobs.*Elsewhere.*3 min/);
    expect(waitSentence(waits(null, null, "too_few"))).not.toContain("Elsewhere");
    expect(waitSentence({ ...waits(null, null), members_withheld: "one_person" })).toContain("one person’s");
});

test("who does not see the bars is told what they show", () => {
    const words = barsInWords(spans, GROUPS);
    expect(words).toContain("3 ok, 3 failed, 2 other");
    expect(words).toMatch(/The most, 7, between 12.50/);
    expect(barsInWords([], GROUPS)).toBe("");
});
