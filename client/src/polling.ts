/**
 * Calls `ask` every so many seconds while the page can be seen, and at once when it is seen again.
 * The next pause begins when `ask` is through, so that a slow server is not asked more and more.
 */
export function whileVisible(seconds: number, ask: () => Promise<void>): void {
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
        try {
            await ask();
        } finally {
            later();
        }
    };
    document.addEventListener("visibilitychange", () => void look());
    later();
}
