<%inherit file="base.mako"/>
<%!
import calendar as months
from datetime import timedelta
%>
<%def name="title()">Calendar</%def>
<%def name="here()">/tiaas/calendar/</%def>
<%
before, after = first - timedelta(days=1), last + timedelta(days=1)
today = now.date()
%>
<h1>Trainings in ${first.strftime("%B %Y")}</h1>
<div class="tiaas-actions">
    % if before.year >= 2000:
    <a class="btn btn-outline-primary btn-sm" href="${url(f'/tiaas/calendar/?year={before.year}&month={before.month}')}"><span aria-hidden="true">←</span> ${before.strftime("%B")}</a>
    % endif
    <a class="btn btn-outline-primary btn-sm" href="${url('/tiaas/calendar/')}">Today</a>
    % if after.year <= 2100:
    <a class="btn btn-outline-primary btn-sm" href="${url(f'/tiaas/calendar/?year={after.year}&month={after.month}')}">${after.strftime("%B")} <span aria-hidden="true">→</span></a>
    % endif
    <a href="${url('/tiaas/calendar.ics')}">Subscribe (iCalendar)</a>
</div>
<table class="table table-sm tiaas-calendar">
    <caption class="sr-only">How many trainings there are on each day; the list below says which.</caption>
    <thead><tr>
        % for name in months.day_abbr:
        <th scope="col">${name}</th>
        % endfor
    </tr></thead>
    <tbody>
    % for week in months.Calendar().monthdatescalendar(first.year, first.month):
    <tr>
        % for day in week:
        <td ${'class="today" aria-current="date"' if day == today else "" | n}>
            % if day.month == first.month:
            <% running = [event for event in events if event.start <= day <= event.end] %>
            <span class="day">${day.day}</span>
            % if running:
            <span class="event event-count">${len(running)}<span class="event-word"> ${"training" if len(running) == 1 else "trainings"}</span></span>
            % endif
            % for event in running:
            % if event.url:
            <a class="event event-title" href="${event.url}" title="${event.title}" tabindex="-1" aria-hidden="true">${event.title}</a>
            % endif
            % endfor
            % endif
        </td>
        % endfor
    </tr>
    % endfor
    </tbody>
</table>
% if events:
<h2>One by one</h2>
<ul>
    % for event in events:
    <li>${formats.days(event.start, event.end)}\
    % if event.url:
: <a href="${event.url}">${event.title}</a>, ${f"{event.attendance:,}"} people expected\
    % endif
</li>
    % endfor
</ul>
% else:
<p>No training in this month.</p>
% endif
