// The world, with the countries in which trainings took place.
import type { GeometryCollection, Topology } from "topojson-specification";

import { geo, sphere } from "@observablehq/plot";
import { feature } from "topojson-client";
import world from "world-atlas/countries-110m.json";

import { chart } from "../../chart";
import {
    codeOf,
    type Country,
    joinCountries,
    NO_TRAINING,
    shadeOf,
    shades,
    type Shape,
    stepLabels,
    steps,
} from "../../worldMap";

const OCEAN = "#f3f7fa";
const topology = world as unknown as Topology<{ countries: GeometryCollection<{ name: string }> }>;

/** The map; each of its shapes knows what the tooltip says. */
function draw(shapes: Shape[], found: Map<string, Country>, from: number[]): Element {
    const countryOf = (shape: Shape): Country | undefined => found.get(codeOf(shape) ?? "");
    const map = chart({
        width: 720,
        height: 354,
        margin: 2,
        style: { background: "none" },
        // Cut in the Bering Strait, where nobody lives. With its outline: what is near a pole is flat, not cut off.
        projection: { type: "equal-earth", rotate: [-11, 0], domain: { type: "Sphere" } },
        color: { type: "identity" },
        marks: [
            sphere({ fill: OCEAN, stroke: "#b4bdc8" }),
            geo(shapes, {
                fill: (shape: Shape) => shadeOf(countryOf(shape)?.trainings ?? 0, from),
                stroke: "#fff",
                strokeWidth: 0.5,
                title: (shape: Shape) => {
                    const country = countryOf(shape);
                    return `${country?.name ?? shape.properties.name}: ${country?.trainings.toLocaleString("en-GB") ?? "none"}`;
                },
            }),
        ],
    });
    // A title would be shown by the browser, too, but late, and never to who touches the map.
    for (const title of map.querySelectorAll("path > title")) {
        title.parentElement?.setAttribute("data-label", title.textContent);
        title.remove();
    }
    return map;
}

function legend(from: number[], most: number): HTMLElement {
    const list = document.createElement("ul");
    list.className = "tiaas-legend";
    const entries = ["none", ...stepLabels(from, most)];
    const colours = [NO_TRAINING, ...shades(from.length)];
    for (const [index, label] of entries.entries()) {
        const item = document.createElement("li");
        const swatch = document.createElement("span");
        swatch.style.background = colours[index] ?? NO_TRAINING;
        item.append(swatch, label);
        list.append(item);
    }
    return list;
}

/** Says which country is below the pointer. */
function addTooltip(picture: HTMLElement): void {
    const tooltip = document.createElement("div");
    tooltip.className = "tiaas-tooltip";
    tooltip.hidden = true;
    picture.append(tooltip);
    picture.addEventListener("pointermove", (event) => {
        const label = event.target instanceof Element ? event.target.getAttribute("data-label") : null;
        tooltip.hidden = !label;
        tooltip.textContent = label;
        const box = picture.getBoundingClientRect();
        const left = Math.min(event.clientX - box.left + 12, box.width - tooltip.offsetWidth);
        tooltip.style.transform = `translate(${Math.max(left, 0)}px, ${event.clientY - box.top + 16}px)`;
    });
    picture.addEventListener("pointerleave", () => (tooltip.hidden = true));
}

/** Fills the figure of the map; `small` says which countries are not on it. */
export function showMap(picture: HTMLElement, small: HTMLElement, countries: Country[]): void {
    const shapes = feature(topology, topology.objects.countries).features;
    const most = Math.max(0, ...countries.map(({ trainings }) => trainings));
    const from = steps(most);
    const { found, missing } = joinCountries(shapes, countries);
    picture.append(draw(shapes, found, from));
    picture.after(legend(from, most));
    addTooltip(picture);
    if (missing.length) {
        small.textContent = `Too small for this map: ${missing.map(({ name, trainings }) => `${name} (${trainings})`).join(", ")}.`;
        small.hidden = false;
    }
}
