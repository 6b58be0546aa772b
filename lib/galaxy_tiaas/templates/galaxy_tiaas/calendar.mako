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
    <a class="btn btn-outline-primary btn-sm" href="${url(f'/tiaas/calendar/?year={before.year}&month={before.month}')}">← ${before.strftime("%B")}</a>
    <a class="btn btn-outline-primary btn-sm" href="${url('/tiaas/calendar/')}">Today</a>
    <a class="btn btn-outline-primary btn-sm" href="${url(f'/tiaas/calendar/?year={after.year}&month={after.month}')}">${after.strftime("%B")} →</a>
    <a href="${url('/tiaas/calendar.ics')}">Subscribe (iCalendar)</a>
</div>
<div class="tiaas-scroll">
<table class="table table-sm tiaas-calendar">
    <thead><tr>
        % for name in months.day_abbr:
        <th scope="col">${name}</th>
        % endfor
    </tr></thead>
    <tbody>
    % for week in months.Calendar().monthdatescalendar(first.year, first.month):
    <tr>
        % for day in week:
        <td class="${'today' if day == today else ''}">
            % if day.month == first.month:
            ${day.day}
            % for event in events:
            % if event.start <= day <= event.end:
            % if event.url:
            <a class="event" href="${event.url}" title="${event.title}">${event.title}</a>
            % else:
            <span class="event">training</span>
            % endif
            % endif
            % endfor
            % endif
        </td>
        % endfor
    </tr>
    % endfor
    </tbody>
</table>
</div>
% if not events:
<p>No training in this month.</p>
% endif
