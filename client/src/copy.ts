/** Puts text into the clipboard; says whether it is there. */
export async function copy(text: string): Promise<boolean> {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        return copyByCommand(text); // no clipboard without https, or the browser refuses
    }
}

/** The way from before there was a clipboard for pages; the only one where Galaxy is reached by plain http. */
function copyByCommand(text: string): boolean {
    const focused = document.activeElement;
    const box = document.createElement("textarea");
    box.value = text;
    box.readOnly = true;
    box.style.cssText = "position: fixed; opacity: 0";
    document.body.append(box);
    box.select();
    try {
        return document.execCommand("copy");
    } catch {
        return false;
    } finally {
        box.remove();
        if (focused instanceof HTMLElement) {
            focused.focus();
        }
    }
}
