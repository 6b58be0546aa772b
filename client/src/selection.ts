/** What the bar of decisions says about how many are chosen. */
export function counted(chosen: number): string {
    return chosen ? `${chosen} chosen` : "Nothing chosen";
}

/** State of the box that stands for all others. */
export function boxOfAll(chosen: number, all: number): { checked: boolean; indeterminate: boolean } {
    return { checked: all > 0 && chosen === all, indeterminate: chosen > 0 && chosen < all };
}

/** From the place clicked before to the one clicked now with the shift key, both included: first place, and end. */
export function range(before: number, now: number): [first: number, end: number] {
    return [Math.min(before, now), Math.max(before, now) + 1];
}
