/* An entry of ours in Galaxy's admin panel, with the number of requests and requested changes to decide. */

(() => {
    const galaxy = window.Galaxy;
    if (!galaxy || !galaxy.user || !galaxy.user.isAdmin()) {
        return;
    }

    /* Galaxy.root leaves out galaxy_url_prefix; Galaxy's own client reads this link. */
    const root = new URL(document.querySelector("link[rel=index]").href).pathname.replace(/\/?$/, "/");
    const LINK_ID = "admin-link-trainings";
    const NEIGHBOUR_ID = "admin-link-users";

    /* Copies of the neighbours, because their look hangs on attributes that Galaxy's build generates. */
    function addSection() {
        const neighbour = document.getElementById(NEIGHBOUR_ID);
        if (!neighbour || document.getElementById(LINK_ID)) {
            return;
        }
        const neighbours = neighbour.closest(".toolSectionTitle");
        const entry = neighbour.closest(".toolTitle");
        if (!neighbours || !entry) {
            return;
        }
        const section = neighbours.cloneNode(true);
        /* Galaxy 26.1, and 26.0. */
        const heading = section.querySelector(".unified-panel-divider-text") ?? section.querySelector("h2");
        const body = section.querySelector(".toolSectionBody");
        if (!heading || !body) {
            return;
        }
        heading.textContent = "Trainings";
        body.replaceChildren(entry.cloneNode(true));
        const link = section.querySelector("a");
        link.id = LINK_ID;
        link.href = `${root}tiaas/admin/`;
        link.target = "galaxy_main";
        link.className = "title-link";
        link.removeAttribute("aria-current");
        link.querySelector(".name").textContent = "Trainings";
        neighbours.parentElement.append(section);
        showWaiting();
    }

    async function showWaiting() {
        const waiting = await countWaiting();
        const link = document.getElementById(LINK_ID);
        if (!link) {
            return;
        }
        link.querySelectorAll(".badge").forEach((badge) => badge.remove());
        if (waiting > 0) {
            const badge = document.createElement("span");
            badge.className = "badge badge-pill badge-primary ml-2";
            badge.textContent = waiting;
            badge.title = waiting === 1 ? "1 request waiting" : `${waiting} requests waiting`;
            link.append(badge);
        }
    }

    async function countWaiting() {
        try {
            const response = await fetch(`${root}api/tiaas/trainings?needs_decision=true&limit=1`);
            return response.ok ? Number(response.headers.get("total_matches")) : 0;
        } catch {
            return 0;
        }
    }

    /* Galaxy builds the panel anew each time it is opened. One look per frame, however much changes. */
    let waitingForFrame = false;
    new MutationObserver(() => {
        if (!waitingForFrame) {
            waitingForFrame = true;
            requestAnimationFrame(() => {
                waitingForFrame = false;
                addSection();
            });
        }
    }).observe(document.body, { childList: true, subtree: true });

    /* A decision in the centre panel ends in a new page there. */
    document.addEventListener(
        "load",
        ({ target }) => {
            if (target.id === "galaxy_main" && document.getElementById(LINK_ID)) {
                showWaiting();
            }
        },
        true,
    );
})();
