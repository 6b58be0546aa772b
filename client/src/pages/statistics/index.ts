import * as Plot from "@observablehq/plot";
import { feature } from "topojson-client";
import world from "world-atlas/countries-110m.json";
document.body.append(
    Plot.plot({
        marks: [Plot.geo(feature(world as never, "countries")), Plot.barY([]), Plot.axisX({}), Plot.sphere()],
    }),
);
