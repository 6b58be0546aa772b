## What everybody who may see the same sees of a class. Whoever reads it is not known here: the page around it says
## who that is, and its script marks what has the right `data-person`. Ids stay the same from one update to the next.
<%namespace name="parts" file="parts.mako"/>
<%!
from galaxy_tiaas.dashboard import view as dashboard
from galaxy_tiaas.dashboard.schema import JobsShown
%>
<%
tiles = dashboard.tiles(status.users, view)
course = status.shown is JobsShown.COURSE
nobody = "Nobody joined." if status.until else "Nobody has joined yet."
%>

<%def name="share(sums, percent=100)">
${formats.shares([(f"tiaas-is-{group.name}", count) for group, count in sums], "tiaas-share", percent)}
</%def>

<%def name="jobs_shown()">\
% if course:
Only jobs in histories tagged <strong>#${status.identifier}</strong> or shared with an instructor${", set by the instructor" if status.course_only else ""}\
% else:
All jobs of the members\
% endif
</%def>

<%def name="last_hours()">\
The last ${dashboard.hours(status.hours)}\
% if status.until:
 of the training, until ${formats.moment(status.until, "short")}\
% endif
</%def>

<%def name="controls()">
<div class="tiaas-controls">
    <div>
        <span id="hours-label">${last_hours()}</span>
        <ul class="nav nav-pills tiaas-pills" aria-labelledby="hours-label">
            % for hours in dashboard.HOURS:
            <li class="nav-item"><a class="nav-link ${'active' if hours == status.hours else ''}" id="hours-${hours}" href="${view.address(hours=hours)}" ${'aria-current="true"' if hours == status.hours else "" | n}>${hours} h</a></li>
            % endfor
        </ul>
    </div>
    <div>
        <span id="jobs-label">${jobs_shown()}</span>
        % if not status.course_only:
        <ul class="nav nav-pills tiaas-pills" aria-labelledby="jobs-label">
            % for jobs, name in ((JobsShown.ALL, "All jobs"), (JobsShown.COURSE, "Only the course")):
            <li class="nav-item"><a class="nav-link ${'active' if jobs is status.shown else ''}" id="jobs-${jobs.value}" href="${view.address(jobs=jobs)}" ${'aria-current="true"' if jobs is status.shown else "" | n}>${name}</a></li>
            % endfor
        </ul>
        % endif
    </div>
</div>
</%def>

<%def name="overview()">
<ul class="tiaas-overview">
    <li><strong>${f"{status.members:,}"}</strong><span class="fas fa-users" aria-hidden="true"></span> ${"person" if status.members == 1 else "people"}</li>
    % for group in (dashboard.OK, dashboard.RUNNING, dashboard.QUEUED, dashboard.FAILED):
    <% sum_of_group = dashboard.count(status.jobs.states, group) %>
    <li class="${f'tiaas-is-{group.name}' if sum_of_group else ''}"><strong>${f"{sum_of_group:,}"}</strong><span class="fas ${group.icon}" aria-hidden="true"></span> ${group.name}</li>
    % endfor
    % if view.projector and "help" in sections:
    <li class="${'tiaas-is-hand' if sections['help'].hands.total else ''}"><strong>${f"{sections['help'].hands.total:,}"}</strong><span class="fas fa-hand-paper" aria-hidden="true"></span> ${"hand" if sections['help'].hands.total == 1 else "hands"}</li>
    % endif
</ul>
</%def>

<%def name="tile(tile)">
<% person = tile.person %>\
<li class="tiaas-tile ${'tiaas-tile-failed' if tile.failed else 'tiaas-tile-quiet' if tile.quiet else ''}" id="tile-${person.pseudonym}">\
<span class="tiaas-tile-name">${formats.person(person.pseudonym, person.colour, person.shape)}</span> \
% if person.username:
<span class="tiaas-tile-user">${person.username}</span> \
% endif
% if tile.quiet:
<span class="tiaas-tile-counts">no job yet</span>\
% else:
<span class="tiaas-tile-counts">${formats.counts(tile.sums)}</span><span class="tiaas-tile-last">last job ${formats.moment(person.last_active, "short")}</span>\
% endif
</li>
</%def>

<%def name="people()">
<section aria-labelledby="people">
<h2 id="people">People</h2>
% if view.find:
<p>${dashboard.number(tiles.shown.total, "person has", "people have")} <strong>${view.find}</strong> in their name. <a id="people-everybody" href="${view.address(find='')}#people">Show everybody</a></p>
% endif
% if tiles.shown.items:
<ul class="tiaas-tiles ${'tiaas-compact' if tiles.compact else ''}" id="tiles" data-scale="${tiles.scale}">
    % for one in tiles.shown.items:
    ${piece("tile", one.key, lambda: capture(tile, one))}
    % endfor
</ul>
% elif not view.find:
<p>${nobody}</p>
% endif
% if tiles.more:
<p class="tiaas-more-people">${tiles.more_in_words}</p>
% endif
% if not view.projector:
${parts.leaf_through("people", "People", tiles.shown, lambda number: view.address(people=number))}
% endif
</section>
</%def>

<%def name="tool_row(tool, percent)">
    <% sums = dashboard.grouped(tool.states) %>
    <li><span class="tiaas-tool" title="${tool.tool_id}">${tool.name}</span>
        <span class="tiaas-tool-total">${dashboard.number(tool.total, "job")}</span>
        ${share(sums, percent)}
        <span class="tiaas-tool-counts">${formats.counts(sums)}</span>
    </li>
</%def>

<%def name="tool_list(tools, most)">
<ul class="tiaas-tools">
    % for tool in tools:
    <% percent = max(100 * tool.total // most, 2) %>\
    ${piece("tool", (tool.tool_id, tool.name, percent, *tool.states.items()), lambda: capture(tool_row, tool, percent))}
    % endfor
</ul>
</%def>

<%def name="tools(number)">
<section aria-labelledby="tools">
<h2 id="tools">Tools</h2>
% if status.tools:
<% most = status.tools[0].total %>
${tool_list(status.tools[:number], most)}
<% others = status.tools[number:] %>
% if others and view.projector:
<p>and ${dashboard.number(len(others), "other tool")}</p>
% elif others:
<details id="other-tools">
    <summary>${dashboard.number(len(others), "other tool")}</summary>
    ${tool_list(others, most)}
</details>
% endif
% else:
<p>No jobs in ${"this hour" if status.hours == 1 else f"these {status.hours} hours"}.</p>
% endif
</section>
</%def>

<%def name="breakable(address)">\
% for number, part in enumerate(address.split("/")):
${"" if number == 0 else "/"}\
% if number:
<wbr>\
% endif
<span>${part}</span>\
% endfor
</%def>

<%def name="steps_on_projector(progress)">
<% shown = dashboard.around_the_middle(progress, dashboard.MAX_STEPS_ON_PROJECTOR) %>
<section aria-labelledby="progress">
<h2 id="progress">Steps</h2>
<ol class="tiaas-wall-steps">
    % for step in shown:
    <li id="step-${step.position}" class="${'tiaas-step-middle' if dashboard.is_middle(progress, step.position) else ''}">
        <span class="tiaas-wall-step">${step.position}. ${step.label}</span>
        <span class="tiaas-wall-done"><span class="fas fa-check" aria-hidden="true"></span> ${f"{step.counts.done:,}"}<span class="sr-only"> done</span></span>
        ${formats.shares([(f"tiaas-cell-{look.state.value}", count) for look, count in dashboard.parts_of_step(step.counts)], "tiaas-step-bar")}
    </li>
    % endfor
</ol>
% if len(shown) < len(progress.steps):
<p>and ${dashboard.number(len(progress.steps) - len(shown), "other step")}</p>
% endif
</section>
</%def>

<%def name="one_by_one(name, queue, total)">
<% listed = dashboard.is_listed(queue, view) %>
<details id="${name}" ${"data-list" if len(queue) > dashboard.LONGEST_LIST else ""} ${"open" if listed else ""}>
    <summary>${f"The newest {len(queue):,} of {total:,}" if len(queue) < total else "One by one"}</summary>
    % if listed:
    ${caller.body()}
    % else:
    <p><a id="${name}-list" href="${view.address(lists=True)}#${name}">Show the list</a></p>
    % endif
</details>
</%def>

<%def name="workflow_runs()">
<section aria-labelledby="invocations-heading">
<h2 id="invocations-heading">Workflow runs</h2>
<p>${f"{status.invocations.total:,}"} in all: ${parts.job_states(status.invocations.states)}</p>
% if status.invocations.queue:
<%call expr="one_by_one('invocations', status.invocations.queue, status.invocations.total)">
    <table class="table table-sm tiaas-dense">
        <thead><tr><th scope="col">Name</th><th scope="col">State</th><th scope="col">Started</th></tr></thead>
        <tbody id="invocation-rows">
        % for row, invocation in dashboard.rows(status.invocations.queue, "run"):
        <tr id="${row}"><td>${parts.person(invocation)}</td><td>${parts.job_state(invocation.state)}</td><td>${formats.moment(invocation.create_time, "short")}</td></tr>
        % endfor
        </tbody>
    </table>
</%call>
% endif
</section>
</%def>

<%def name="jobs()">
<section aria-labelledby="jobs-heading">
<h2 id="jobs-heading">Jobs</h2>
<%call expr="one_by_one('jobs', status.queue, status.jobs.total)">
    <table class="table table-sm tiaas-dense">
        <thead><tr><th scope="col">Name</th><th scope="col">Tool</th><th scope="col">State</th><th scope="col">Created</th></tr></thead>
        <tbody id="job-rows">
        % for row, job in dashboard.rows(status.queue, "job"):
        <tr id="${row}"><td>${parts.person(job)}</td><td class="tiaas-wide" title="${job.tool_id or ''}">${job.tool_name}</td><td>${parts.job_state(job.state)}</td><td>${formats.moment(job.create_time, "short")}</td></tr>
        % endfor
        </tbody>
    </table>
</%call>
</section>
</%def>

% if view.projector:
<p class="tiaas-wall-view">${last_hours()}. ${jobs_shown()}.</p>
<div class="tiaas-board">
    <div>${overview()}${people()}</div>
    <div class="tiaas-board-side">
        % if sections["progress"].steps:
        ${steps_on_projector(sections["progress"])}
        % else:
        ${tools(3)}
        % endif
        % if join_url:
        <section class="tiaas-latecomers" id="latecomers" aria-labelledby="latecomers-heading">
            <div class="tiaas-qr">${qr_code | n}</div>
            <div><h2 id="latecomers-heading">Not in yet?</h2>
                <p>${breakable(join_url.partition("://")[2])}</p></div>
        </section>
        % endif
    </div>
</div>
% else:
${controls()}
${overview()}
% if status.jobs.total:
<% others = dashboard.count(status.jobs.states, dashboard.OTHER) %>
${share(dashboard.grouped(status.jobs.states))}
<p>${dashboard.number(status.jobs.total, "job")} in all${f", {others:,} of them stopped, deleted or skipped" if others else ""}.</p>
% endif
% if "help" in sections:
<%include file="help.mako" args="help=sections['help'], status=status, token=token"/>
% endif
% if "progress" in sections:
<%include file="progress.mako" args="progress=sections['progress'], view=view, nobody=nobody"/>
% endif
${people()}
<%include file="charts.mako" args="status=status"/>
${tools(16)}
% if status.invocations.total:
${workflow_runs()}
% endif
% if status.queue:
${jobs()}
% endif
% endif
