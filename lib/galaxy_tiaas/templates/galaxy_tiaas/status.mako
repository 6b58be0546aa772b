<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="title()">${status.title}: dashboard</%def>
<%def name="head()"><noscript><meta http-equiv="refresh" content="30"></noscript></%def>
<%def name="entry()">status</%def>
<%
failed = sum(status.jobs.states.get(state, 0) for state in ("error", "failed"))
cut = len(status.queue) < status.jobs.total
%>
<h1>${status.title}</h1>
<div class="tiaas-hours">
    <span>The last ${"hour" if status.hours == 1 else f"{status.hours} hours"}, as of ${formats.moment(status.generated, "short")}.</span>
    <span id="tiaas-stale" role="status" hidden>This could not be refreshed; it is tried again.</span>
    <ul class="nav nav-pills tiaas-pills" aria-label="Hours to show">
        % for hours in (1, 3, 6, 12, 24, 64):
        <li class="nav-item"><a class="nav-link ${'active' if hours == status.hours else ''}" id="hours-${hours}" href="?hours=${hours}" ${'aria-current="true"' if hours == status.hours else "" | n}>${hours} h</a></li>
        % endfor
    </ul>
</div>
<ul class="tiaas-cards">
    <li><strong>${f"{status.members:,}"}</strong> ${"person" if status.members == 1 else "people"}</li>
    <li><strong>${f"{status.jobs.total:,}"}</strong> ${"job" if status.jobs.total == 1 else "jobs"}</li>
    <li><strong>${f"{failed:,}"}</strong> failed</li>
    <li><strong>${f"{status.invocations.total:,}"}</strong> ${"workflow run" if status.invocations.total == 1 else "workflow runs"}</li>
</ul>
% if status.jobs.total:
<div class="tiaas-share" aria-hidden="true">
    % for state, count in formats.in_order(status.jobs.states):
    <span class="tiaas-job-${state}" style="flex-grow: ${count}"></span>
    % endfor
</div>
<p>${parts.job_states(status.jobs.states)}</p>
% endif
<h2>People</h2>
% if status.users:
<table class="table table-sm tiaas-stack">
    <thead><tr><th scope="col">Name</th><th scope="col" class="number">Jobs</th><th scope="col">States</th><th scope="col">Last job</th></tr></thead>
    <tbody>
    % for user in status.users:
    <tr ${'class="tiaas-mine"' if user.pseudonym == mine else "" | n}>
        <td>${parts.person(user)}${f" ({user.username})" if user.username else ""}
            % if user.pseudonym == mine:
            <strong>– you</strong>
            % endif
        </td>
        <td class="number" data-label="Jobs">${f"{user.total:,}"}</td>
        <td>${parts.job_states(user.states)}</td>
        <td data-label="Last job">${formats.moment(user.last_active, "short") if user.last_active else "none yet"}</td>
    </tr>
    % endfor
    </tbody>
</table>
% else:
<p>Nobody has joined yet.</p>
% endif
<h2>Tools</h2>
% if status.tools:
<table class="table table-sm tiaas-stack">
    <thead><tr><th scope="col">Tool</th><th scope="col" class="number">Jobs</th><th scope="col">States</th></tr></thead>
    <tbody>
    % for tool in status.tools:
    <tr>
        <td class="tiaas-wide" title="${tool.tool_id}">${formats.tool_name(tool.tool_id)}</td>
        <td class="number" data-label="Jobs">${f"{tool.total:,}"}</td>
        <td>${parts.job_states(tool.states)}</td>
    </tr>
    % endfor
    </tbody>
</table>
% else:
<p>No jobs in these hours.</p>
% endif
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
    <summary>${f"The newest {len(status.queue)} of {status.jobs.total:,}" if cut else "One by one"}</summary>
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
