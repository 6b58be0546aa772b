// The numbers that the charts are drawn from, for those who would rather read them.
import { type Activity, duration, type Group, type Span, type Wait } from "../../activity";

function row(head: string, cells: string[]): HTMLTableRowElement {
    const row = document.createElement("tr");
    const heading = document.createElement("th");
    heading.scope = "row";
    heading.textContent = head;
    row.append(heading);
    for (const text of cells) {
        row.insertCell().textContent = text;
    }
    return row;
}

/** Fills the body of the table; spans without jobs are left out. */
export function fillStates(body: HTMLElement, spans: Span[], groups: Group[]): void {
    const isOneDay = spans[0]?.from.toDateString() === spans.at(-1)?.from.toDateString();
    const style = { weekday: isOneDay ? undefined : "short", hour: "2-digit", minute: "2-digit" } as const;
    const rows = spans
        .filter(({ total }) => total)
        .map(({ from, counts }) => {
            const time = isOneDay ? from.toLocaleTimeString([], style) : from.toLocaleString([], style);
            return row(
                time,
                groups.map(({ name }) => (counts.get(name) ?? 0).toLocaleString("en-GB")),
            );
        });
    body.replaceChildren(...rows);
}

/** Fills the body of the table: one column for the class, one for everybody else. */
export function fillWaits(body: HTMLElement, { members, others }: Activity["waits"]): void {
    const cells = (value: (wait: Wait) => string): string[] =>
        [members, others].map((wait) => (wait ? value(wait) : "not shown"));
    body.replaceChildren(
        row(
            "A quarter within",
            cells(({ p25 }) => duration(p25)),
        ),
        row(
            "Half within",
            cells(({ median }) => duration(median)),
        ),
        row(
            "Three quarters within",
            cells(({ p75 }) => duration(p75)),
        ),
        row(
            "Jobs looked at",
            cells(({ jobs, sampled }) => `${jobs.toLocaleString("en-GB")}${sampled ? ", a sample" : ""}`),
        ),
    );
}
