<%inherit file="base.mako"/>
<%!
import calendar as months
%>
<%def name="title()">Calendar</%def>
<%def name="here()">/tiaas/calendar/</%def>
<%def name="entry()">calendar</%def>
<%
today = now.date()
webcal = "webcal:" + feed.partition(":")[2]
%>
<h1>Calendar of trainings</h1>
<p class="tiaas-calendar-note">Each bar is an approved training.
% if actor.is_admin:
Follow it to see who teaches what; everybody else sees the days alone.
% else:
What is taught there is not shown, since not every course is open to all. <a href="${url('/tiaas/new/')}">Request a training</a> of your own.
% endif
</p>
<p id="tiaas-calendar-failure" class="alert alert-warning" role="status" hidden>The trainings could not be loaded.
    Choose another month, or load the page again.</p>
<div id="tiaas-calendar" data-events="${url('/tiaas/calendar/events.json')}" hidden></div>
<div id="tiaas-month">
    <div class="tiaas-month-head">
        <h2>${first.strftime("%B %Y")}</h2>
        <div class="btn-group">
            % if before.year >= 2000:
            <a class="btn btn-outline-primary btn-sm" href="${url(f'/tiaas/calendar/?year={before.year}&month={before.month}')}"><span aria-hidden="true">←</span> ${before.strftime("%B")}</a>
            % endif
            <a class="btn btn-outline-primary btn-sm" href="${url('/tiaas/calendar/')}">Today</a>
            % if after.year <= 2100:
            <a class="btn btn-outline-primary btn-sm" href="${url(f'/tiaas/calendar/?year={after.year}&month={after.month}')}">${after.strftime("%B")} <span aria-hidden="true">→</span></a>
            % endif
        </div>
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
                <% running = sum(event.start <= day <= event.end for event in events) %>
                <span class="day">${day.day}</span>
                % if running:
                <span class="event">${running}<span class="event-word"> ${"training" if running == 1 else "trainings"}</span></span>
                % endif
                % endif
            </td>
            % endfor
        </tr>
        % endfor
        </tbody>
    </table>
    % if events:
    <h3 class="sr-only">One by one</h3>
    <ul class="tiaas-calendar-list">
        % for event in events:
        <li><strong>${formats.days(event.start, event.end)}</strong>
        % if event.url:
        <span><a href="${event.url}">${event.title}</a>, ${f"{event.attendance:,}"} people expected</span>
        % endif
        </li>
        % endfor
    </ul>
    % else:
    <p>No training in this month.</p>
    % endif
</div>
<section class="tiaas-subscribe" aria-labelledby="subscribe">
    <h2 id="subscribe">Subscribe</h2>
    % if feed_is_open:
    <p>Have these days in your own calendar, always up to date. <a href="${webcal}">Subscribe with your calendar program</a>,
        or give it this address (“add calendar from URL”). It holds the days of the last year and all that are to come.</p>
    <div class="tiaas-inline">
        <code class="tiaas-link" id="feed">${feed}</code>
        <button type="button" class="btn btn-outline-primary" data-copies="feed" hidden>Copy address</button>
    </div>
    <p class="tiaas-copied" aria-live="polite"></p>
    % if actor.is_admin:
    <p>Calendar programs do not log in and therefore get the days alone. With titles and links, for administrators:
        <a href="${feed}" download="trainings.ics">download the calendar as it is today</a>.</p>
    % endif
    % else:
    <p><a href="${feed}" download="trainings.ics">Download the calendar as it is today</a>.
        Calendar programs do not log in, so they need the feed token of this server.
    % if actor.is_admin:
        Give them <code>${feed}?feed_token=…</code> with the value of <code>feed_token</code> in
        <code>tiaas_conf.yml</code>${"" if config.feed_token else ", which is not set"}. With it, they can also read
        which trainings are running, and the metrics.
    % else:
        Ask the administrators for an address that has it.
    % endif
    </p>
    % endif
</section>
