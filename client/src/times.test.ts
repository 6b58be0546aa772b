import { expect, test } from "vitest";

import { showLocalTimes } from "./times";

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
