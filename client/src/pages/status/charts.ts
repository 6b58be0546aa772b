// The charts: asked for when they come into sight, then once a minute, and never in the way of the rest.
import "./charts.css";

import { type Activity, barsInWords, type Group, spansOf, totalsOf, waitSentence } from "../../activity";
import { fillStates, fillWaits } from "./chartTables";

const REFRESH = 60_000;
const FAILED = "The charts could not be refreshed; it is tried again in a minute.";

/** What is shown; nothing of it outlives another choice of hours. */
let shown: { address: string; etag: string | null; activity: Activity } | undefined;
let asked = -Infinity;
let width = 0;

function part<E extends HTMLElement>(selector: string): E {
    const found = document.querySelector<E>(`#charts-drawn ${selector}`);
    if (!found) {
        throw new Error(`no ${selector}`);
    }
    return found;
}

/** The groups of states, as the legend has them. */
function groupsOfLegend(): Group[] {
    return [...document.querySelectorAll<HTMLElement>("#charts-drawn [data-group]")].map(({ dataset }) => ({
        name: dataset.group ?? "",
        states: (dataset.states ?? "").split(" "),
    }));
}

function say(text: string): void {
    const note = part("[data-note]");
    note.textContent = text;
    note.hidden = !text;
}

async function draw(activity: Activity): Promise<void> {
    const groups = groupsOfLegend();
    const spans = spansOf(activity, groups);
    const totals = totalsOf(spans, groups);
    const isEmpty = spans.every(({ total }) => total === 0);
    part("[data-figures]").hidden = isEmpty;
    say(isEmpty ? (document.getElementById("charts")?.dataset.empty ?? "") : "");
    if (isEmpty) {
        return;
    }
    for (const [name, total] of totals) {
        const entry = part(`[data-group="${name}"]`);
        entry.hidden = !total;
        entry.querySelector("[data-total]")?.replaceChildren(total.toLocaleString("en-GB"));
    }
    part("[data-sentence]").textContent = waitSentence(activity.waits);
    fillStates(part("[data-table=states]"), spans, groups);
    fillWaits(part("[data-table=waits]"), activity.waits);

    const { statesChart, waitsChart } = await import("./drawing");
    const [states, waits] = [part("[data-picture=states]"), part("[data-picture=waits]")];
    width = states.clientWidth;
    show(states, statesChart(spans, width), barsInWords(spans, groups));
    const known = Boolean(activity.waits.members ?? activity.waits.others);
    for (const element of [waits, part("[data-explanation]"), part("details:has([data-table=waits])")]) {
        element.hidden = !known;
    }
    show(waits, known ? waitsChart(activity.waits, waits.clientWidth) : undefined, waitSentence(activity.waits));
}

function show(picture: HTMLElement, drawing: Element | undefined, words: string): void {
    picture.replaceChildren(...(drawing ? [drawing] : []));
    picture.setAttribute("aria-label", words);
    // The picture as a whole has a label; those of its parts are not allowed there.
    for (const labelled of picture.querySelectorAll("[aria-label]")) {
        labelled.removeAttribute("aria-label");
    }
}

async function refresh(section: HTMLElement): Promise<void> {
    const address = section.dataset.activity ?? "";
    asked = Date.now();
    try {
        const known = shown?.address === address ? shown : undefined;
        const headers: HeadersInit = known?.etag ? { "if-none-match": known.etag } : {};
        const response = await fetch(address, { cache: "no-store", headers });
        const isKnown = response.status === 304;
        if (!response.ok && !isKnown) {
            throw new Error(response.statusText);
        }
        const activity = isKnown && known ? known.activity : ((await response.json()) as Activity);
        // Other hours may have been chosen meanwhile.
        if (section.dataset.activity !== address) {
            return;
        }
        if (!isKnown || !part("[data-note]").hidden) {
            shown = { address, etag: response.headers.get("etag"), activity };
            await draw(activity);
        }
    } catch {
        say(FAILED);
    }
}

/** Shows the charts of the page, if it has any. */
export function showCharts(): void {
    const section = document.getElementById("charts");
    const drawn = document.getElementById("charts-drawn");
    if (!section || !drawn) {
        return;
    }
    const refreshIfDue = (): void => {
        if (!document.hidden && Date.now() - asked >= REFRESH - 1000) {
            void refresh(section);
        }
    };
    const start = (): void => {
        void refresh(section);
        setInterval(refreshIfDue, REFRESH);
        document.addEventListener("visibilitychange", refreshIfDue);
        new MutationObserver(() => void refresh(section)).observe(section, { attributeFilter: ["data-activity"] });
        new ResizeObserver(() => {
            if (shown && part("[data-picture=states]").clientWidth !== width) {
                void draw(shown.activity);
            }
        }).observe(drawn);
    };
    new IntersectionObserver(
        (entries, observer) => {
            if (entries.some(({ isIntersecting }) => isIntersecting)) {
                observer.disconnect();
                start();
            }
        },
        { rootMargin: "200px" },
    ).observe(section);
}
