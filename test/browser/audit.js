// Looks at a page as somebody with a small screen, weak eyes or a screen reader would; returns complaints.
() => {
    const complaints = [];
    const all = (selector) => [...document.querySelectorAll(selector)];
    const root = document.documentElement;

    if (root.scrollWidth > root.clientWidth) {
        complaints.push(`is ${root.scrollWidth - root.clientWidth} pixels wider than the window`);
    }
    if (all("h1").length !== 1) {
        complaints.push(`has ${all("h1").length} main headings`);
    }
    if (!root.lang) {
        complaints.push("does not say its language");
    }
    for (const control of all("input:not([type=hidden]), select, textarea")) {
        if (!control.labels.length && !control.ariaLabel) {
            complaints.push(`has no label for ${control.name}`);
        }
    }
    for (const element of all("a, button, summary")) {
        if (!element.textContent.trim() && !element.ariaLabel) {
            complaints.push(`has nothing to read in ${element.outerHTML}`);
        }
    }
    const ids = all("[id]").map((element) => element.id);
    if (new Set(ids).size < ids.length) {
        complaints.push("uses an id twice");
    }
    for (const element of all("[aria-describedby]")) {
        for (const id of element.getAttribute("aria-describedby").split(" ")) {
            if (!ids.includes(id)) {
                complaints.push(`describes ${element.name} by ${id}, which is not there`);
            }
        }
    }

    // https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
    const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
    const luminance = (colour) => {
        const [red, green, blue] = numbers(colour).map((value) => {
            const share = value / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const background = (element) => {
        for (let behind = element; behind; behind = behind.parentElement) {
            const colour = getComputedStyle(behind).backgroundColor;
            if ((numbers(colour)[3] ?? 1) === 1) {
                return colour;
            }
        }
        return "rgb(255, 255, 255)";
    };
    const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const isSeen = (element) => element.getClientRects().length > 0 && !element.closest(".sr-only");
    for (const element of all("body *").filter((element) => hasText(element) && isSeen(element))) {
        const style = getComputedStyle(element);
        const [dark, light] = [luminance(style.color), luminance(background(element))].sort((a, b) => a - b);
        const contrast = (light + 0.05) / (dark + 0.05);
        const isLarge = parseFloat(style.fontSize) >= 24;
        if (contrast < (isLarge ? 3 : 4.5)) {
            complaints.push(`has a contrast of ${contrast.toFixed(1)} in "${element.textContent.trim().slice(0, 30)}"`);
        }
    }
    return complaints;
};
