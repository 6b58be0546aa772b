// Draws the pictures beside the tables, from the same numbers.
import "./statistics.css";

import type { Country } from "../../worldMap";

import { withoutGaps, type Year } from "../../years";
import { countChart, peopleChart } from "./charts";
import { showMap } from "./map";

function show(numbers: { countries: Country[]; years: Year[] }): void {
    const years = withoutGaps(numbers.years);
    const pictures: Record<string, (picture: HTMLElement) => void> = {
        map(picture) {
            const small = document.getElementById("tiaas-small-countries");
            if (small) {
                showMap(picture, small, numbers.countries);
            }
        },
        trainings: (picture) => picture.append(countChart(years, "trainings")),
        people: (picture) => picture.append(peopleChart(years)),
        days: (picture) => picture.append(countChart(years, "days")),
        hours: (picture) => picture.append(countChart(years, "job_hours")),
    };
    for (const picture of document.querySelectorAll<HTMLElement>("[data-picture]")) {
        pictures[picture.dataset.picture ?? ""]?.(picture);
        // The picture as a whole has a label; those of its parts are not allowed there.
        for (const part of picture.querySelectorAll("[aria-label]")) {
            part.removeAttribute("aria-label");
        }
    }
    document.documentElement.classList.add("tiaas-drawn");
}

const embedded = document.getElementById("tiaas-statistics")?.textContent;
if (embedded) {
    show(JSON.parse(embedded) as { countries: Country[]; years: Year[] });
}
