<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="title()">${status.title}: dashboard</%def>
<%def name="head()"><meta http-equiv="refresh" content="30"></%def>
<h1>${status.title}</h1>
<div class="tiaas-actions">
    <span>The last ${status.hours} ${"hour" if status.hours == 1 else "hours"}, as of ${formats.moment(status.generated)}. Show</span>
    % for hours in (1, 3, 6, 12, 24, 64):
    <a href="?hours=${hours}" ${'aria-current="true"' if hours == status.hours else "" | n}>${hours} h</a>
    % endfor
</div>
<ul class="tiaas-cards">
    <li><strong>${status.members}</strong> people</li>
    <li><strong>${status.jobs.total}</strong> jobs</li>
    % for state, count in sorted(status.jobs.states.items()):
    <li><strong>${count}</strong> ${parts.job_state(state)}</li>
    % endfor
    <li><strong>${status.invocations.total}</strong> workflow runs</li>
</ul>
<h2>People</h2>
% if status.users:
<div class="tiaas-scroll">
<table class="table table-sm">
    <thead><tr><th scope="col">Name</th><th scope="col" class="number">Jobs</th><th scope="col">States</th><th scope="col">Last job</th></tr></thead>
    <tbody>
    % for user in status.users:
    <tr>
        <td><span class="tiaas-person"><span class="tiaas-swatch" style="background: ${user.colour}"></span>${user.pseudonym}${f" ({user.username})" if user.username else ""}</span></td>
        <td class="number">${user.total}</td>
        <td>
            % for state, count in sorted(user.states.items()):
            ${parts.job_state(state, count)}
            % endfor
        </td>
        <td>${formats.moment(user.last_active)}</td>
    </tr>
    % endfor
    </tbody>
</table>
</div>
% else:
<p>Nobody has joined yet.</p>
% endif
<h2>Tools</h2>
% if status.tools:
<div class="tiaas-scroll">
<table class="table table-sm">
    <thead><tr><th scope="col">Tool</th><th scope="col" class="number">Jobs</th><th scope="col">States</th></tr></thead>
    <tbody>
    % for tool in status.tools:
    <tr>
        <td title="${tool.tool_id}">${formats.tool_name(tool.tool_id)}</td>
        <td class="number">${tool.total}</td>
        <td>
            % for state, count in sorted(tool.states.items()):
            ${parts.job_state(state, count)}
            % endfor
        </td>
    </tr>
    % endfor
    </tbody>
</table>
</div>
% else:
<p>No jobs in these hours.</p>
% endif
% if status.queue:
<h2>Newest jobs${f" ({len(status.queue)} of {status.jobs.total})" if len(status.queue) < status.jobs.total else ""}</h2>
<div class="tiaas-scroll">
<table class="table table-sm">
    <thead><tr><th scope="col">Name</th><th scope="col">Tool</th><th scope="col">State</th><th scope="col">Created</th></tr></thead>
    <tbody>
    % for job in status.queue:
    <tr><td>${parts.person(job)}</td><td title="${job.tool_id or ''}">${formats.tool_name(job.tool_id)}</td><td>${parts.job_state(job.state)}</td><td>${formats.moment(job.create_time)}</td></tr>
    % endfor
    </tbody>
</table>
</div>
% endif
% if status.invocations.queue:
<h2>Workflow runs${f" (newest {len(status.invocations.queue)} of {status.invocations.total})" if len(status.invocations.queue) < status.invocations.total else ""}</h2>
<div class="tiaas-scroll">
<table class="table table-sm">
    <thead><tr><th scope="col">Name</th><th scope="col">State</th><th scope="col">Started</th></tr></thead>
    <tbody>
    % for invocation in status.invocations.queue:
    <tr><td>${parts.person(invocation)}</td><td>${parts.job_state(invocation.state)}</td><td>${formats.moment(invocation.create_time)}</td></tr>
    % endfor
    </tbody>
</table>
</div>
% endif
