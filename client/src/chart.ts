import { plot, type PlotOptions } from "@observablehq/plot";

/** A chart whose style is in our style sheet: Content Security Policy forbids the one that the library puts into it. */
export function chart(options: PlotOptions): Element {
    const drawn = plot({ ...options, className: "tiaas-plot" });
    for (const style of drawn.querySelectorAll("style")) {
        style.remove();
    }
    return drawn;
}
