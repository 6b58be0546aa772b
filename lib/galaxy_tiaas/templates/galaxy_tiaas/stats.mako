<%inherit file="base.mako"/>
<%def name="title()">Statistics</%def>
<%def name="here()">/tiaas/stats/</%def>
<% most = max([c.trainings for c in statistics.countries], default=1) %>
<h1>Trainings in numbers</h1>
<ul class="tiaas-cards">
    <li><strong>${statistics.trainings}</strong> trainings</li>
    <li><strong>${statistics.ongoing}</strong> running now</li>
    <li><strong>${statistics.upcoming}</strong> to come</li>
    <li><strong>${statistics.days}</strong> days</li>
    <li><strong>${statistics.attendance}</strong> people expected</li>
    <li><strong>${statistics.joined}</strong> people joined</li>
    <li><strong>${len(statistics.countries)}</strong> countries</li>
    <li><strong>${statistics.waiting}</strong> requests waiting</li>
</ul>
% if statistics.countries:
<h2>By country</h2>
<div class="tiaas-scroll">
<table class="table table-sm">
    <thead><tr><th scope="col">Country</th><th scope="col" class="number">Trainings</th><th scope="col" style="width: 50%"><span class="sr-only">As a bar</span></th></tr></thead>
    <tbody>
    % for c in statistics.countries:
    <tr><td>${c.name}</td><td class="number">${c.trainings}</td><td><span class="tiaas-bar" style="width: ${100 * c.trainings // most}%"></span></td></tr>
    % endfor
    </tbody>
</table>
</div>
<h2>By year</h2>
<div class="tiaas-scroll">
<table class="table table-sm">
    <thead><tr><th scope="col">Year</th><th scope="col" class="number">Trainings</th><th scope="col" class="number">Days</th><th scope="col" class="number">People expected</th></tr></thead>
    <tbody>
    % for y in statistics.years:
    <tr><td>${y.year}</td><td class="number">${y.trainings}</td><td class="number">${y.days}</td><td class="number">${y.attendance}</td></tr>
    % endfor
    </tbody>
</table>
</div>
% else:
<p>No training has been approved yet.</p>
% endif
<p>As files: <a href="${url('/tiaas/stats.csv')}">countries (CSV)</a>, <a href="${url('/tiaas/numbers.csv')}">trainings (CSV)</a>.</p>
