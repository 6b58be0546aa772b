<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%! from galaxy_tiaas.pages import dashboard %>
<%def name="title()">${status.title}: dashboard</%def>
<%def name="head()"><noscript><meta http-equiv="refresh" content="30"></noscript></%def>
<%def name="entry()">status</%def>
<%def name="look()">${"tiaas-wall" if qr_code else ""}</%def>

<%def name="share(states)">
<div class="tiaas-share" aria-hidden="true">
    % for group, count in dashboard.grouped(states):
    <span class="tiaas-is-${group.name}" style="flex-grow: ${count}"></span>
    % endfor
</div>
</%def>

<%def name="counts(states)">
% for group, count in dashboard.grouped(states):
<span class="tiaas-count tiaas-is-${group.name}"><span class="fas ${group.icon}" aria-hidden="true"></span><span><span class="tiaas-word">${group.name}</span> ${f"{count:,}"}</span></span>
% endfor
</%def>

<%def name="overview()">
<ul class="tiaas-overview">
    <li><strong>${f"{status.members:,}"}</strong><span class="fas fa-users" aria-hidden="true"></span> ${"person" if status.members == 1 else "people"}</li>
    % for group in (dashboard.OK, dashboard.RUNNING, dashboard.WAITING, dashboard.FAILED):
    <% sum_of_group = dashboard.count(status.jobs.states, group) %>
    <li class="${f'tiaas-is-{group.name}' if sum_of_group else ''}"><strong>${f"{sum_of_group:,}"}</strong><span class="fas ${group.icon}" aria-hidden="true"></span> ${group.name}</li>
    % endfor
</ul>
</%def>

<%def name="people()">
<section aria-labelledby="people">
<h2 id="people">People</h2>
% if status.users:
<ul class="tiaas-tiles ${'tiaas-compact' if dashboard.is_compact(len(status.users), bool(qr_code)) else ''}" style="--scale: ${dashboard.scale(len(status.users))}">
    % for user in dashboard.in_order(status.users):
    <li class="tiaas-tile ${'tiaas-tile-failed' if dashboard.count(user.states, dashboard.FAILED) else '' if user.total else 'tiaas-tile-quiet'} ${'tiaas-tile-mine' if user.pseudonym == mine else ''}">
        <span class="tiaas-tile-name"><span class="tiaas-swatch" style="background: ${user.colour}"></span><span>${user.pseudonym}</span>
            % if user.pseudonym == mine:
            <strong class="tiaas-tile-you">you</strong>
            % endif
        </span>
        % if user.username:
        <span class="tiaas-tile-user">${user.username}</span>
        % endif
        % if user.total:
        <span class="tiaas-tile-counts">${counts(user.states)}</span>
        <span class="tiaas-tile-last">last job ${formats.moment(user.last_active, "short")}</span>
        % else:
        <span class="tiaas-tile-counts">no job yet</span>
        % endif
    </li>
    % endfor
</ul>
% else:
<p>Nobody has joined yet.</p>
% endif
</section>
</%def>

<%def name="tools(number)">
<section aria-labelledby="tools">
<h2 id="tools">Tools</h2>
% if status.tools:
<% most = status.tools[0].total %>
<ul class="tiaas-tools">
    % for tool in status.tools[:number]:
    <li><span class="tiaas-tool" title="${tool.tool_id}">${formats.tool_name(tool.tool_id)}</span>
        <span class="tiaas-tool-total">${f"{tool.total:,}"} ${"job" if tool.total == 1 else "jobs"}</span>
        <div class="tiaas-tool-bar" style="width: ${max(100 * tool.total // most, 2)}%">${share(tool.states)}</div>
        <span class="tiaas-tool-counts">${counts(tool.states)}</span>
    </li>
    % endfor
</ul>
% if number and len(status.tools) > number:
<p>and ${len(status.tools) - number} more</p>
% endif
% else:
<p>No jobs in these hours.</p>
% endif
</section>
</%def>

<%def name="stale()"><strong id="tiaas-stale" role="status" hidden><span class="fas fa-exclamation-triangle" aria-hidden="true"></span> This could not be refreshed; it is tried again.</strong></%def>

% if qr_code:
<div class="tiaas-board-head">
    <h1>${status.title}</h1>
    <p>Last ${"hour" if status.hours == 1 else f"{status.hours} hours"}, as of ${formats.moment(status.generated, "short")} ${stale()}</p>
    <p class="tiaas-board-controls"><button type="button" class="btn btn-outline-primary btn-sm" id="full-screen" hidden>Full screen</button>
        <a class="btn btn-outline-primary btn-sm" id="leave-wall" href="?hours=${status.hours}">Ordinary view</a></p>
</div>
<div class="tiaas-board">
    <div>${overview()}${people()}</div>
    <div class="tiaas-board-side">
        ${tools(4)}
        <section class="tiaas-latecomers" aria-labelledby="latecomers">
            <div class="tiaas-qr">${qr_code | n}</div>
            <div><h2 id="latecomers">Not in yet?</h2>
                <p>${join_url.partition("://")[2]}</p></div>
        </section>
    </div>
</div>
% else:
<div class="tiaas-board-head">
    <h1>${status.title}</h1>
    <p class="tiaas-board-controls"><a class="btn btn-outline-primary btn-sm" id="enter-wall" href="?view=wall&amp;hours=${status.hours}" target="_blank"><span class="fas fa-chalkboard" aria-hidden="true"></span> Classroom view<span class="sr-only"> (opens a new window)</span></a></p>
</div>
<div class="tiaas-hours">
    <span>The last ${"hour" if status.hours == 1 else f"{status.hours} hours"}, as of ${formats.moment(status.generated, "short")}. ${stale()}</span>
    <ul class="nav nav-pills tiaas-pills" aria-label="Hours to show">
        % for hours in (1, 3, 6, 12, 24, 64):
        <li class="nav-item"><a class="nav-link ${'active' if hours == status.hours else ''}" id="hours-${hours}" href="?hours=${hours}" ${'aria-current="true"' if hours == status.hours else "" | n}>${hours} h</a></li>
        % endfor
    </ul>
</div>
${overview()}
<% others = dashboard.count(status.jobs.states, dashboard.OTHER) %>
% if status.jobs.total:
${share(status.jobs.states)}
<p>${f"{status.jobs.total:,}"} ${"job" if status.jobs.total == 1 else "jobs"} in all${f", {others:,} of them stopped, deleted or skipped" if others else ""}.</p>
% endif
${people()}
${tools(None)}
% if status.invocations.queue:
<h2>Workflow runs</h2>
<p>${parts.job_states(status.invocations.states)}</p>
<details id="invocations">
    <summary>${f"The newest {len(status.invocations.queue)}" if len(status.invocations.queue) < status.invocations.total else "One by one"}</summary>
    <table class="table table-sm tiaas-dense">
        <thead><tr><th scope="col">Name</th><th scope="col">State</th><th scope="col">Started</th></tr></thead>
        <tbody>
        % for invocation in status.invocations.queue:
        <tr><td>${parts.person(invocation)}</td><td>${parts.job_state(invocation.state)}</td><td>${formats.moment(invocation.create_time, "short")}</td></tr>
        % endfor
        </tbody>
    </table>
</details>
% endif
% if status.queue:
<h2>Jobs</h2>
<details id="jobs" ${"" if len(status.queue) > 25 else "open"}>
    <summary>${f"The newest {len(status.queue)} of {status.jobs.total:,}" if len(status.queue) < status.jobs.total else "One by one"}</summary>
    <table class="table table-sm tiaas-dense">
        <thead><tr><th scope="col">Name</th><th scope="col">Tool</th><th scope="col">State</th><th scope="col">Created</th></tr></thead>
        <tbody>
        % for job in status.queue:
        <tr><td>${parts.person(job)}</td><td class="tiaas-wide" title="${job.tool_id or ''}">${formats.tool_name(job.tool_id)}</td><td>${parts.job_state(job.state)}</td><td>${formats.moment(job.create_time, "short")}</td></tr>
        % endfor
        </tbody>
    </table>
</details>
% endif
% endif
