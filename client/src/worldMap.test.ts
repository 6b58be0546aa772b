import type { GeometryCollection, Topology } from "topojson-specification";

import { feature } from "topojson-client";
import { expect, test } from "vitest";
import world from "world-atlas/countries-110m.json";

import { codeOf, joinCountries, NO_TRAINING, shadeOf, shades, type Shape, stepLabels, steps } from "./worldMap";

const topology = world as unknown as Topology<{ countries: GeometryCollection<{ name: string }> }>;
const shapes: Shape[] = feature(topology, topology.objects.countries).features;
const country = (name: string, numeric: string | null, trainings = 1) => ({ name, numeric, trainings });

test("countries are found on the map by their numeric code, leading zeros included", () => {
    const australia = country("Australia", "036", 3);
    const { found, missing } = joinCountries(shapes, [australia, country("Germany", "276")]);
    expect(found.get("036")).toBe(australia);
    expect(missing).toEqual([]);
    expect(shapes.find((shape) => codeOf(shape) === "036")?.properties.name).toBe("Australia");
});

test("countries that are too small for the map, or that nobody knows, are not lost", () => {
    const { found, missing } = joinCountries(shapes, [country("Singapore", "702"), country("ZZ", null)]);
    expect(found.size).toBe(0);
    expect(missing.map(({ name }) => name)).toEqual(["Singapore", "ZZ"]);
});

test("Kosovo, which the map has without a code, is on the map", () => {
    expect(joinCountries(shapes, [country("Kosovo", "983")]).missing).toEqual([]);
});

test("shapes without a code get no country without a code", () => {
    const { found } = joinCountries(shapes, [country("ZZ", null)]);
    expect(shapes.filter((shape) => found.has(codeOf(shape) ?? ""))).toEqual([]);
});

test.each([
    [0, [], []],
    [1, [1], ["1"]],
    [4, [1, 2, 3, 4], ["1", "2", "3", "4"]],
    [5, [1, 2, 5], ["1", "2 – 4", "5"]],
    [30, [1, 2, 5, 10, 20], ["1", "2 – 4", "5 – 9", "10 – 19", "20 and more"]],
    [5000, [1, 5, 20, 100, 500], ["1 – 4", "5 – 19", "20 – 99", "100 – 499", "500 and more"]],
])("the legend of at most %i trainings begins its steps at %j", (most, from, labels) => {
    expect(steps(most)).toEqual(from);
    expect(stepLabels(from, most)).toEqual(labels);
});

test("more trainings are never lighter, and every step has a shade of its own", () => {
    for (const most of [1, 3, 4, 5, 30, 5000]) {
        const used = shades(steps(most).length);
        expect(new Set(used).size).toBe(used.length);
        const light = used.map((shade) => parseInt(shade.slice(3, 5), 16));
        expect(light).toEqual([...light].sort((a, b) => b - a));
    }
    expect(shadeOf(0, [1, 2])).toBe(NO_TRAINING);
    expect(shadeOf(7, [1, 2, 5])).toBe(shades(3)[2]);
});
