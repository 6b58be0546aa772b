<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="title()">Statistics</%def>
<%def name="here()">/tiaas/stats/</%def>
<%def name="entry()">statistics</%def>
<%
most = max([c.trainings for c in statistics.countries], default=1)
numbers = [
    (statistics.trainings, "training", "trainings", "fa-graduation-cap"),
    (statistics.attendance, "person expected", "people expected", "fa-users"),
    (statistics.joined, "person joined", "people joined", "fa-user-check"),
    (len(statistics.countries), "country", "countries", "fa-globe"),
    (statistics.days, "day", "days", "fa-calendar-alt"),
]
if statistics.jobs:
    numbers.append((statistics.jobs, "job", "jobs", "fa-cogs"))
hours = [
    (statistics.job_hours, "job hours", "How long these jobs ran", "fa-clock"),
    (statistics.core_hours, "core hours", "Each job times its cores", "fa-microchip"),
] if statistics.job_hours else []
present = [
    (statistics.ongoing, "running now", "running now"),
    (statistics.upcoming, "to come", "to come"),
    (statistics.waiting, "request waiting", "requests waiting"),
]
%>
<h1>Trainings in numbers</h1>
% if statistics.trainings:
<ul class="tiaas-numbers${' tiaas-numbers-many' if statistics.jobs else ''}">
    % for number, one, many, icon in numbers:
    <li><strong>${f"{number:,}"}</strong> <span class="fas ${icon}" aria-hidden="true"></span> ${one if number == 1 else many}</li>
    % endfor
    % for number, name, meaning, icon in hours:
    <li title="${meaning}"><strong>${formats.hours(number)}</strong> <span class="fas ${icon}" aria-hidden="true"></span> ${name}</li>
    % endfor
</ul>
% else:
<div class="tiaas-empty">
    <span class="fas fa-seedling" aria-hidden="true"></span>
    <p>No training has been approved yet. With the first one, a map and charts grow here.</p>
    <a class="btn btn-primary" href="${url('/tiaas/new/')}">Request a training</a>
</div>
% endif
<ul class="tiaas-now" aria-label="At present">
    % for number, one, many in present:
    <li><strong>${f"{number:,}"}</strong> ${one if number == 1 else many}</li>
    % endfor
</ul>
% if statistics.countries:
<h2 id="by-country">By country</h2>
<div class="tiaas-beside">
    <figure class="tiaas-figure">
        <figcaption>Where trainings took place, or will</figcaption>
        <div role="img" data-picture="map" aria-label="World map: the more trainings, the darker a country. The table has the numbers."></div>
        <p id="tiaas-small-countries" class="mt-2 mb-0" hidden></p>
    </figure>
    <div class="tiaas-rows" tabindex="0" role="region" aria-labelledby="by-country">
    <table class="table table-sm tiaas-small-table">
        <caption class="sr-only">Trainings by country; one that takes place in several counts in each.</caption>
        <thead><tr><th scope="col">Country</th><th scope="col" class="number">Trainings</th><td aria-hidden="true" class="tiaas-bar-column"></td></tr></thead>
        <tbody>
        % for c in statistics.countries:
        <tr><td>${c.name}</td><td class="number">${f"{c.trainings:,}"}</td><td aria-hidden="true">${parts.bar(max(1, 100 * c.trainings // most), "tiaas-bar")}</td></tr>
        % endfor
        </tbody>
    </table>
    </div>
</div>
% endif
% if statistics.years:
<h2>By year</h2>
<div class="tiaas-figures">
    <figure class="tiaas-figure">
        <figcaption>Trainings</figcaption>
        <div role="img" data-picture="trainings" aria-label="Bar chart: trainings by year. The table below has the numbers."></div>
    </figure>
    <figure class="tiaas-figure">
        <figcaption>People</figcaption>
        <div role="img" data-picture="people" aria-label="Bar chart: people expected and people joined by year. The table below has the numbers."></div>
        <ul class="tiaas-legend"><li><span class="tiaas-expected"></span>expected</li><li><span class="tiaas-joined"></span>joined</li></ul>
    </figure>
    <figure class="tiaas-figure">
        <figcaption>Days</figcaption>
        <div role="img" data-picture="days" aria-label="Bar chart: days of training by year. The table below has the numbers."></div>
    </figure>
    % if hours:
    <figure class="tiaas-figure">
        <figcaption>Job hours</figcaption>
        <div role="img" data-picture="hours" aria-label="Bar chart: job hours by year. The table below has the numbers."></div>
    </figure>
    % endif
</div>
<table class="table table-sm tiaas-stack tiaas-years">
    <caption class="sr-only">Numbers by the year in which a training begins.</caption>
    <thead><tr><th scope="col">Year</th><th scope="col" class="number">Trainings</th><th scope="col" class="number">Days</th><th scope="col" class="number">People expected</th><th scope="col" class="number">People joined</th>\
% if statistics.jobs:
<th scope="col" class="number">Jobs</th>\
% endif
% if hours:
<th scope="col" class="number">Job hours</th><th scope="col" class="number">Core hours</th>\
% endif
</tr></thead>
    <tbody>
    % for y in statistics.years:
    <tr><th scope="row">${y.year}</th><td class="number" data-label="Trainings">${f"{y.trainings:,}"}</td><td class="number" data-label="Days">${f"{y.days:,}"}</td><td class="number" data-label="People expected">${f"{y.attendance:,}"}</td><td class="number" data-label="People joined">${f"{y.joined:,}"}</td>\
% if statistics.jobs:
<td class="number" data-label="Jobs">${f"{y.jobs:,}"}</td>\
% endif
% if hours:
<td class="number" data-label="Job hours">${formats.hours(y.job_hours)}</td><td class="number" data-label="Core hours">${formats.hours(y.core_hours)}</td>\
% endif
</tr>
    % endfor
    </tbody>
</table>
% if statistics.jobs:
<p class="tiaas-help">Jobs are those that the people who joined started while their training was open, counted a day after its end. Job hours
are the time for which they ran, core hours the same times the cores that each of them had.</p>
% endif
% endif
% if states:
<h2>For administrators</h2>
<ul class="nav nav-pills tiaas-pills" aria-label="All requests by state">
    % for state, count in states.items():
    <li class="nav-item"><a class="nav-link" href="${url(f'/tiaas/admin/?state={state.value}')}">${formats.training_state(state)} (${f"{count:,}"})</a></li>
    % endfor
</ul>
% if trainings:
<table class="table table-sm tiaas-stack" id="trainings">
    <caption class="sr-only">Approved trainings, the last first.</caption>
    <thead><tr><th scope="col">Training</th><th scope="col">When</th><th scope="col" class="number">Days</th><th scope="col">Countries</th><th scope="col" class="number">Expected</th><th scope="col" class="number">Joined</th><th scope="col" class="number">Jobs</th><th scope="col" class="number">Job hours</th></tr></thead>
    <tbody>
    % for training in trainings:
    <tr>
        <td class="tiaas-wide"><a href="${url(f'/tiaas/admin/trainings/{training.identifier}')}">${training.title}</a></td>
        <td>${formats.days(training.start, training.end)}</td>
        <td class="number" data-label="Days">${training.days}</td>
        <td data-label="Countries">${" · ".join(training.location) or "–"}</td>
        <td class="number" data-label="Expected">${f"{training.attendance:,}"}</td>
        <td class="number" data-label="Joined">${f"{training.joined:,}"}</td>
        <td class="number" data-label="Jobs">${f"{training.usage.jobs:,}" if training.usage else "–"}</td>
        <td class="number" data-label="Job hours">${formats.hours(training.usage.job_hours) if training.usage and training.usage.job_hours is not None else "–"}</td>
    </tr>
    % endfor
    </tbody>
</table>
% endif
${parts.page_links(trainings, lambda number: f"?page={number}#trainings", what="trainings", newer="Later", older="Earlier")}
% endif
<%def name="files(query)"><a href="${url('/tiaas/stats.csv')}${query}">countries</a>, <a href="${url('/tiaas/years.csv')}${query}">years</a>, <a href="${url('/tiaas/numbers.csv')}${query}">trainings</a></%def>
<ul class="tiaas-files list-unstyled mt-4">
    <li>CSV: ${files("")}</li>
    <li>CSV for Excel: ${files("?excel=true")}</li>
</ul>
<script type="application/json" id="tiaas-statistics">${formats.script_json(statistics)}</script>
