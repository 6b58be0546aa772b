/**
 * Calls `ask` every so many seconds while the page can be seen, and at once when it is seen again, until it says no.
 * The next pause begins when `ask` is through, so that a slow server is not asked more and more.
 */
export function whileVisible(seconds: number, ask: () => Promise<boolean>): void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const later = () => {
        clearTimeout(timer);
        timer = setTimeout(() => void look(), 1000 * seconds);
    };
    const look = async () => {
        clearTimeout(timer);
        if (document.hidden) {
            return;
        }
        if (await ask()) {
            later();
        } else {
            document.removeEventListener("visibilitychange", seen);
        }
    };
    const seen = () => void look();
    document.addEventListener("visibilitychange", seen);
    later();
}
