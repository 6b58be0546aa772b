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

function moment(time: Date): string {
    return time.toLocaleString([], { weekday: "short", hour: "2-digit", minute: "2-digit" });
}

function waitCells(wait: Wait | null): string[] {
    if (!wait) {
        return ["–", "–", "–", "not shown"];
    }
    const { jobs, sampled, p25, median, p75 } = wait;
    const number = jobs.toLocaleString("en-GB");
    return [...[p25, median, p75].map(duration), sampled ? `${number} (a sample)` : number];
}

/** Fills the bodies of both tables; spans without jobs are left out. */
export function fillTables(
    states: HTMLElement,
    waits: HTMLElement,
    spans: Span[],
    groups: Group[],
    { members, others }: Activity["waits"],
): void {
    const rows = spans
        .filter(({ total }) => total)
        .map(({ from, counts }) =>
            row(
                moment(from),
                groups.map(({ name }) => (counts.get(name) ?? 0).toLocaleString("en-GB")),
            ),
        );
    states.replaceChildren(...rows);
    waits.replaceChildren(row("This class", waitCells(members)), row("Everybody else", waitCells(others)));
}
