import { expect, test } from "vitest";

import { showLocalTimes, spoken } from "./times";

function shown(style: string): { text: string; title: string } {
    document.body.innerHTML = `<time datetime="2027-03-05T09:30:00Z" data-style="${style}">5 Mar 2027, 09:30 UTC</time>`;
    showLocalTimes(document, new Date("2027-03-05T12:00:00Z"));
    const element = document.querySelector("time") as HTMLTimeElement;
    return { text: element.textContent, title: element.title };
}

test("a moment is shown in the reader's time, its title has it in UTC", () => {
    expect(shown("medium")).toEqual({ text: "Mar 5, 2027, 10:30 AM", title: "2027-03-05 09:30:00 UTC" });
});

test("the day of a moment can be left out if it is today, or shown alone", () => {
    expect(shown("short").text).toBe("10:30 AM");
    expect(shown("day").text).toBe("Mar 5, 2027");
});

test("a moment in a sentence is near or has its day", () => {
    const now = new Date("2026-11-22T22:30:00Z"); // half past eleven at night in Berlin
    const say = (moment: string) => spoken(new Date(moment), now).replace("\u202f", " ");
    expect(say("2026-11-22T22:45:00Z")).toBe("today at 11:45 PM");
    expect(say("2026-11-22T23:00:00Z")).toBe("tomorrow at 12:00 AM");
    expect(say("2026-11-21T23:00:00Z")).toBe("today at 12:00 AM");
    expect(say("2026-11-21T22:00:00Z")).toBe("yesterday at 11:00 PM");
    expect(say("2026-12-01T08:00:00Z")).toBe("Tuesday 1 December at 9:00 AM");
    expect(say("2027-03-28T10:00:00Z")).toBe("Sunday 28 March 2027 at 12:00 PM");
});

test("a day after the clocks have changed is tomorrow", () => {
    const evening = new Date("2027-03-27T20:00:00Z"); // 25 hours would be a day later
    expect(spoken(new Date("2027-03-28T20:00:00Z"), evening)).toContain("tomorrow");
});
