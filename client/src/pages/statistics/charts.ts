// One picture each: they are drawn in the size of a laptop's window and shrink with it.
import { barY, type Markish, ruleY, text } from "@observablehq/plot";

import { chart } from "../../chart";
import { type Year, yearLabel } from "../../years";

const DARK = "#25537b";
const LIGHT = "#a9cbe8";
const STYLE = { background: "none", fontFamily: "inherit", fontSize: "14px" };

function bars(years: Year[], value: keyof Year, marks: Markish[]): Element {
    return chart({
        width: 340,
        height: 220,
        marginTop: 24,
        marginLeft: 8,
        marginRight: 8,
        style: STYLE,
        x: { type: "band", label: null, tickSize: 0, tickFormat: (year: number) => yearLabel(year, years.length) },
        y: { axis: null },
        marks: [
            ...marks,
            text(years, {
                x: "year",
                y: value,
                text: (year: Year) =>
                    year[value].toLocaleString(
                        "en-GB",
                        years.length > 7 ? { notation: "compact" } : { maximumFractionDigits: 0 },
                    ),
                dy: -8,
                fill: "#2c3143",
            }),
            ruleY([0], { stroke: "#5a6270" }),
        ],
    });
}

export function countChart(years: Year[], value: "trainings" | "days" | "job_hours"): Element {
    return bars(years, value, [barY(years, { x: "year", y: value, fill: DARK, inset: 2 })]);
}

/** Those who joined, in front of those who were expected. */
export function peopleChart(years: Year[]): Element {
    const most = (year: Year): number => Math.max(year.attendance, year.joined);
    return bars(years, "attendance", [
        barY(years, { x: "year", y: most, fill: "none", stroke: "none" }),
        barY(years, { x: "year", y: "attendance", fill: LIGHT, stroke: DARK, inset: 2 }),
        barY(years, { x: "year", y: "joined", fill: DARK, insetLeft: 8, insetRight: 8 }),
    ]);
}
