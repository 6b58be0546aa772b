/* Registration and some single sign-ons forget where the visitor was going and end on Galaxy's start
   page. The page that sent the visitor to log in has left the way in a short-lived cookie. */

const galaxy = window.Galaxy;
/* Galaxy.root leaves out galaxy_url_prefix; Galaxy's own client reads this link. */
const root = new URL(document.querySelector("link[rel=index]").href).pathname.replace(/\/?$/, "/");
const found = /(?:^|;\s*)tiaas_return=([^;]+)/.exec(document.cookie);
if (!found || !galaxy || !galaxy.user || !galaxy.user.id || window.location.pathname !== root) {
    return;
}
document.cookie = `tiaas_return=; path=${root.replace(/\/$/, "") || "/"}; max-age=0`;

const target = new URL(decodeURIComponent(found[1]), window.location.origin);
const ours = ["tiaas/", "join-training/"].some((path) => target.pathname.startsWith(root + path));
if (ours && target.origin === window.location.origin) {
    window.location.replace(target.href);
}
