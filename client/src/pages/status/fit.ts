/** Letters on the wall, in relation to the rest of it; below the least, they are not read from the last row. */
const LEAST = 0.55;
const MOST = 1.3;
const STEP = 0.05;
/** By so much they must be able to grow before they do, so that they do not go to and fro with every job. */
const WORTHWHILE = 0.1;

/**
 * The largest scale that fits; one close below it if that is what there is now.
 *
 * @param now the present scale, if there is one already.
 */
export function bestScale(fits: (scale: number) => boolean, now?: number): number {
    if (now !== undefined && fits(now) && (now >= MOST || !fits(now + WORTHWHILE))) {
        return now;
    }
    let [low, high] = [0, Math.round((MOST - LEAST) / STEP)];
    while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        [low, high] = fits(LEAST + middle * STEP) ? [middle, high] : [low, middle - 1];
    }
    return LEAST + low * STEP;
}

/** On the wall, lets the letters in the tiles of people be as large as the window has room for, now and later. */
export function fitTiles(): void {
    const wide = matchMedia("(min-width: 60rem)");
    let present: number | undefined;

    function fit(): void {
        const tiles = document.querySelector<HTMLElement>(".tiaas-wall #tiles");
        if (!tiles) {
            return;
        }
        const set = (scale: number) => {
            tiles.style.setProperty("--scale", scale.toFixed(2));
        };
        if (!wide.matches) {
            set(Number(tiles.dataset.scale)); // what the server thinks of so many people
            return;
        }
        const height = (scale: number) => {
            set(scale);
            return document.documentElement.scrollHeight;
        };
        const room = Math.max(innerHeight, height(LEAST));
        present = bestScale((scale) => height(scale) <= room, present);
        set(present);
    }

    document.addEventListener("tiaas:updated", fit);
    addEventListener("resize", () => {
        present = undefined;
        fit();
    });
    void document.fonts.ready.then(fit);
    fit();
}
