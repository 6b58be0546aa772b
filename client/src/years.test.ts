import { expect, test } from "vitest";

import { withoutGaps, yearLabel } from "./years";

const year = (year: number) => ({ year, trainings: 1, days: 2, attendance: 3, joined: 4, job_hours: 5 });

test("a year without a training is there, and empty", () => {
    const years = withoutGaps([year(2024), year(2026)]);
    expect(years.map(({ year, trainings }) => [year, trainings])).toEqual([
        [2024, 1],
        [2025, 0],
        [2026, 1],
    ]);
});

test("no years stay none", () => {
    expect(withoutGaps([])).toEqual([]);
});

test("years are written in short where many stand side by side", () => {
    expect([yearLabel(2026, 7), yearLabel(2026, 8)]).toEqual(["2026", "’26"]);
});
