// Which country of the map gets which number and which shade.
import type { Feature, Geometry } from "geojson";

/** A country as the statistics have it; `numeric` is its ISO 3166-1 code, by which the map knows it. */
export interface Country {
    name: string;
    numeric: string | null;
    trainings: number;
}

export type Shape = Feature<Geometry, { name: string }>;

/** From few to many: one hue that gets darker, so it can be told apart in grey and by everybody. */
const SHADES = ["#a6c9e6", "#72a7d3", "#3f84bb", "#1f5f96", "#0c3761"];
export const NO_TRAINING = "#dde1e6";

/** Numbers of trainings from which on a shade is used, at most five: small numbers each have their own. */
export function steps(most: number): number[] {
    const candidates = [
        [1, 2, 3, 4],
        [1, 2, 5, 10, 20],
        [1, 5, 20, 100, 500],
    ];
    const limits = [5, 50, Infinity];
    return candidates[limits.findIndex((limit) => most < limit)]?.filter((step) => step <= most) ?? [];
}

/** The shades of as many steps: the darkest is always the last. */
export function shades(count: number): string[] {
    return Array.from({ length: count }, (_, index) => {
        const place = count < 2 ? SHADES.length - 2 : Math.round((index * (SHADES.length - 1)) / (count - 1));
        return SHADES[place] ?? NO_TRAINING;
    });
}

/** What the legend says about a step: `1`, `2 – 4`, `20 and more`. */
export function stepLabels(from: number[], most: number): string[] {
    return from.map((first, index) => {
        const last = (from[index + 1] ?? most + 1) - 1;
        return first === last ? `${first}` : index === from.length - 1 ? `${first} and more` : `${first} – ${last}`;
    });
}

/** The shade of a number of trainings. */
export function shadeOf(trainings: number, from: number[]): string {
    const index = from.findLastIndex((first) => trainings >= first);
    return shades(from.length)[index] ?? NO_TRAINING;
}

/** The map's countries by their numeric code; it has none for Kosovo, to which ISO 3166 gives a code of users. */
export function codeOf(shape: Shape): string | undefined {
    return shape.id === undefined ? { Kosovo: "983" }[shape.properties.name] : String(shape.id);
}

/** Countries by code, and those that are too small for the map. */
export function joinCountries(
    shapes: Shape[],
    countries: Country[],
): { found: Map<string, Country>; missing: Country[] } {
    const drawn = new Set(shapes.map(codeOf));
    const isDrawn = ({ numeric }: Country): boolean => numeric !== null && drawn.has(numeric);
    return {
        found: new Map(countries.filter(isDrawn).map((country) => [country.numeric ?? "", country])),
        missing: countries.filter((country) => !isDrawn(country)),
    };
}
