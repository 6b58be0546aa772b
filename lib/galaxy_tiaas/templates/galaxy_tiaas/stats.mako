<%inherit file="base.mako"/>
<%def name="title()">Statistics</%def>
<%def name="here()">/tiaas/stats/</%def>
<%
most = max([c.trainings for c in statistics.countries], default=1)
numbers = [
    (statistics.trainings, "training", "trainings"),
    (statistics.ongoing, "running now", "running now"),
    (statistics.upcoming, "to come", "to come"),
    (statistics.waiting, "request waiting", "requests waiting"),
    (statistics.days, "day", "days"),
    (len(statistics.countries), "country", "countries"),
    (statistics.attendance, "person expected", "people expected"),
    (statistics.joined, "person joined", "people joined"),
]
%>
<h1>Trainings in numbers</h1>
<ul class="tiaas-cards">
    % for number, one, many in numbers:
    <li><strong>${f"{number:,}"}</strong> ${one if number == 1 else many}</li>
    % endfor
</ul>
% if not statistics.trainings:
<p>No training has been approved yet.</p>
% endif
% if statistics.countries:
<h2>By country</h2>
<table class="table table-sm tiaas-small-table">
    <thead><tr><th scope="col">Country</th><th scope="col" class="number">Trainings</th><td aria-hidden="true" class="tiaas-bar-column"></td></tr></thead>
    <tbody>
    % for c in statistics.countries:
    <tr><td>${c.name}</td><td class="number">${f"{c.trainings:,}"}</td><td aria-hidden="true"><span class="tiaas-bar" style="width: ${100 * c.trainings // most}%"></span></td></tr>
    % endfor
    </tbody>
</table>
% endif
% if statistics.years:
<h2>By year</h2>
<table class="table table-sm tiaas-small-table">
    <thead><tr><th scope="col">Year</th><th scope="col" class="number">Trainings</th><th scope="col" class="number">Days</th><th scope="col" class="number">People expected</th></tr></thead>
    <tbody>
    % for y in statistics.years:
    <tr><td>${y.year}</td><td class="number">${f"{y.trainings:,}"}</td><td class="number">${f"{y.days:,}"}</td><td class="number">${f"{y.attendance:,}"}</td></tr>
    % endfor
    </tbody>
</table>
% endif
<p>As files: <a href="${url('/tiaas/stats.csv')}">countries (CSV)</a>, <a href="${url('/tiaas/numbers.csv')}">trainings (CSV)</a>.</p>
