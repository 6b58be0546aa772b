// Draws the charts. The library comes with this file, when there is something to draw.
import { axisX, barX, gridX, type Markish, rect, ruleY, text, tickX } from "@observablehq/plot";

import {
    type Activity,
    type Segment,
    segmentsOf,
    type Span,
    type Tick,
    timeTicks,
    type Wait,
    waitTicks,
    within,
} from "../../activity";
import { chart } from "../../chart";

const INK = "#2c3143";
const QUIET = "#5a6270";
const STYLE = { background: "none", fontFamily: "inherit", fontSize: "14px", color: INK };
/** Pixels that a label on an axis takes. */
const LABEL = 72;

interface Row {
    label: string;
    wait: Wait;
    fill: string;
}

/** Bars of jobs over local time; `charts.mako` has the patterns that fill them. */
export function statesChart(spans: Span[], width: number): Element {
    const [from, to] = [spans[0]?.from ?? new Date(), spans.at(-1)?.to ?? new Date()];
    const ticks = timeTicks(from, to, width / LABEL - 1);
    const most = Math.max(...spans.map(({ total }) => total));
    return chart({
        width,
        height: 220,
        marginTop: 12,
        marginRight: 22,
        marginBottom: 28,
        marginLeft: Math.max(22, 10 + 9 * most.toLocaleString("en-GB").length),
        style: STYLE,
        x: { type: "time", domain: [from, to] },
        y: { domain: [0, most], ticks: Math.min(most, 4), grid: true, label: null, tickSize: 0 },
        color: { type: "identity" },
        marks: [
            rect(segmentsOf(spans), {
                x1: "from",
                x2: "to",
                y1: "below",
                y2: "above",
                insetLeft: 0.75,
                insetRight: 0.75,
                fill: ({ group }: Segment) => `url(#charts-${group})`,
                stroke: QUIET,
                strokeWidth: 0.75,
            }),
            ruleY([0], { stroke: QUIET }),
            ticksBelow(ticks),
        ],
    });
}

/** Two bars, from the first to the third quarter of the jobs, and a line where half of them have started. */
export function waitsChart({ members, others }: Activity["waits"], width: number): Element {
    const rows: Row[] = [];
    if (members) {
        rows.push({ label: `This class: half within ${within(members)}`, wait: members, fill: "#a9cbe8" });
    }
    if (others) {
        rows.push({ label: `Everybody else: half within ${within(others)}`, wait: others, fill: "#e3e6ea" });
    }
    const longest = Math.max(1, ...rows.map(({ wait }) => wait.p75)) * 1.08;
    const ticks = waitTicks(longest, Math.min(width / LABEL - 1, 6));
    const position = { y: "label" as const };
    return chart({
        width,
        height: 36 + 62 * rows.length,
        marginTop: 4,
        marginRight: 30,
        marginBottom: 28,
        marginLeft: 4,
        style: STYLE,
        x: { domain: [0, longest] },
        y: { type: "band", domain: rows.map(({ label }) => label), axis: null, padding: 0 },
        color: { type: "identity" },
        marks: [
            gridX(
                ticks.map(({ at }) => at),
                { stroke: QUIET, strokeOpacity: 0.25 },
            ),
            text(rows, { ...position, x: 0, text: "label", textAnchor: "start", dy: -19, fontWeight: 600 }),
            barX(rows, {
                ...position,
                x1: ({ wait }: Row) => wait.p25,
                x2: ({ wait }: Row) => Math.max(wait.p75, wait.p25 + longest / 200),
                fill: "fill",
                stroke: QUIET,
                insetTop: 30,
                insetBottom: 10,
            }),
            tickX(rows, {
                ...position,
                x: ({ wait }: Row) => wait.median,
                stroke: INK,
                strokeWidth: 4,
                insetTop: 26,
                insetBottom: 6,
            }),
            ticksBelow(ticks),
        ],
    });
}

function ticksBelow(ticks: Tick<Date | number>[]): Markish {
    const labels = new Map(ticks.map(({ at, label }) => [at.valueOf(), label]));
    return axisX(
        ticks.map(({ at }) => at),
        {
            anchor: "bottom",
            label: null,
            tickSize: 4,
            tickFormat: (at: Date | number) => labels.get(at.valueOf()) ?? "",
        },
    );
}
