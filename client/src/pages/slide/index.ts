// The slide for the projector: buttons for what the browser's menu and keys can do too.
import "./slide.css";

function offer(selector: string, action: () => unknown): void {
    const button = document.querySelector<HTMLButtonElement>(selector);
    button?.removeAttribute("hidden");
    button?.addEventListener("click", () => void action());
}

if (document.fullscreenEnabled) {
    offer("[data-fullscreen]", () => document.documentElement.requestFullscreen());
}
offer("[data-print]", () => {
    window.print();
});
