// Small comforts; every page works without them.

if (window.top !== window) {
    document.documentElement.classList.add("tiaas-framed");
}

// The reader's local time in every <time> element, which shows UTC otherwise.
for (const element of document.querySelectorAll("time[datetime]")) {
    const moment = new Date(element.dateTime);
    element.title = element.textContent;
    element.textContent = moment.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}
