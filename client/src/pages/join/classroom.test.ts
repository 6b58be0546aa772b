import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Refused } from "../../requests";
import { Classroom, trouble, type Place } from "./classroom";

const PAGE = `
<div id="classroom" data-training="/api/tiaas/trainings/x" data-seconds="10">
    <form id="question" hidden><input type="hidden" name="question" value=""><p id="question-text"></p>
        <button name="done" value="true" aria-pressed="false">Done</button>
        <button name="done" value="false" aria-pressed="false">Still working</button></form>
    <dl id="activate"></dl><dl id="queue" hidden></dl>
    <small id="course-only" hidden></small>
    <form id="hand"><button name="raised" value="true"><span id="hand-down">I need help</span>
        <span id="hand-up" hidden>up since <time datetime="2026-11-17T12:00:00Z" data-style="short"></time></span>
    </button></form>
    <p id="trouble" hidden></p>
    <a id="until-the-end">See the dashboard</a>
</div>`;
const NOW = new Date("2026-11-17T12:30:00Z");
const PLACE: Place = {
    member: true,
    active: true,
    closes: "2026-11-19T12:00:00Z",
    hand_raised_at: null,
    question: null,
    course_only: false,
    note: null,
};

let classroom: Classroom;

afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
});

beforeEach(() => {
    document.body.innerHTML = PAGE;
    classroom = new Classroom(find("#classroom"));
});

function find<T extends HTMLElement = HTMLElement>(selector: string): T {
    return document.querySelector(selector) as T;
}

function pressed(): string[] {
    return [...document.querySelectorAll<HTMLElement>("[aria-pressed=true]")].map((button) => button.textContent);
}

test("a raised hand says since when, and the button lowers it", () => {
    classroom.show({ ...PLACE, hand_raised_at: "2026-11-17T12:05:00Z" }, NOW);
    expect(find("#hand-down").hidden).toBe(true);
    expect(find("#hand-up time").getAttribute("datetime")).toBe("2026-11-17T12:05:00Z");
    expect(find("#hand-up time").textContent).toContain("05");
    expect(find<HTMLButtonElement>("#hand button").value).toBe("false");
    classroom.show(PLACE, NOW);
    expect(find("#hand-up").hidden).toBe(true);
    expect(find<HTMLButtonElement>("#hand button").value).toBe("true");
});

test("a question appears with the answer that was given, and goes when it is closed", () => {
    classroom.show({ ...PLACE, question: { id: "a", text: "Are you done?", done: null } }, NOW);
    expect(find("#question").hidden).toBe(false);
    expect(find("#question-text").textContent).toBe("Are you done?");
    expect(find<HTMLInputElement>("[name=question]").value).toBe("a");
    expect(pressed()).toEqual([]);
    classroom.show({ ...PLACE, question: { id: "a", text: "Are you done?", done: false } }, NOW);
    expect(pressed()).toEqual(["Still working"]);
    classroom.show({ ...PLACE, question: { id: "b", text: "<b>And now?", done: null } }, NOW);
    expect(pressed()).toEqual([]);
    expect(find("#question-text").textContent).toBe("<b>And now?");
    classroom.show(PLACE, NOW);
    expect(find("#question").hidden).toBe(true);
});

test("after the end, and after leaving, there is no hand to raise", () => {
    classroom.show({ ...PLACE, active: false }, new Date("2026-11-20T12:00:00Z"));
    expect(find("#hand").hidden).toBe(true);
    expect(find("#trouble").textContent).toBe("This training is over.");
    expect(find("#until-the-end").hidden).toBe(true);
    classroom.show({ ...PLACE, member: false, active: false }, NOW);
    expect(find("#trouble").textContent).toBe("You have left this training.");
});

const REFUSAL = { err_msg: "No such training." };

test.each([
    ["is in the class", Response.json(PLACE), 3],
    ["has left", Response.json({ ...PLACE, member: false }), 1],
    ["asks after the end", Response.json({ ...PLACE, closes: "2026-11-16T12:00:00Z" }), 1],
    ["asks for a training that is gone", Response.json(REFUSAL, { status: 404 }), 1],
    ["has been logged out", Response.json(REFUSAL, { status: 403 }), 3],
])("the page of somebody who %s goes on asking only if something may happen", async (_, answer, times) => {
    vi.useFakeTimers({ now: NOW });
    const fetch = vi.spyOn(globalThis, "fetch").mockImplementation(() => Promise.resolve(answer.clone()));
    classroom.open();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(fetch).toHaveBeenCalledTimes(times);
});

test("a hand that could not be raised yet can be when the window opens", () => {
    find("#hand").hidden = true;
    classroom.show({ ...PLACE, active: false }, NOW);
    expect(find("#hand").hidden).toBe(true);
    classroom.show(PLACE, NOW);
    expect(find("#hand").hidden).toBe(false);
});

test("that only the course counts can be said later", () => {
    classroom.show({ ...PLACE, course_only: true }, NOW);
    expect(find("#course-only").hidden).toBe(false);
});

test("the queue takes the place of what to do first when the account is activated", () => {
    classroom.show({ ...PLACE, note: "Activate your account first." }, NOW);
    expect([find("#activate").hidden, find("#queue").hidden]).toEqual([false, true]);
    classroom.show(PLACE, NOW);
    expect([find("#activate").hidden, find("#queue").hidden]).toEqual([true, false]);
});

test("trouble is told apart from a login that has ended", () => {
    expect(trouble(new TypeError("network"))).toContain("cannot be reached");
    expect(trouble(new Refused("Bad gateway", 502))).toContain("cannot be reached");
    expect(trouble(new Refused("Please log in", 403))).toContain("not logged in");
    expect(trouble(new Refused("The training is over.", 410))).toBe("The training is over.");
});
