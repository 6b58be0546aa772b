<%doc>Part of the dashboard: members × steps, or members × tools. Needs ``progress`` (TrainingProgress),
``view``, and ``nobody``: what it says of an empty class.</%doc>
<%page args="progress, view, nobody"/>
<%namespace name="parts" file="parts.mako"/>
<%! from galaxy_tiaas.dashboard import view as dashboard %>
<%
shown = dashboard.member_rows(progress, view)
columns = dashboard.columns(progress)
# There are thousands, and few different ones.
cells = {(step.position, state): capture(cell_of_step, step, state) for step in progress.steps for state in dashboard.LOOKS}
%>

<%def name="cell_of_step(step, state)"><% look = dashboard.LOOKS[state] %>\
<td class="tiaas-cell tiaas-cell-${state.value}" title="${step.label}: ${look.words}"><span class="fas ${look.icon}" aria-hidden="true"></span><span class="sr-only">${look.words}</span></td></%def>

<%def name="cell_of_elements(step, state, elements)">
<% look = dashboard.LOOKS[state]; count = f"{elements.count:,} of {elements.total:,}" %>
<td class="tiaas-cell tiaas-cell-${state.value}" title="${step.label}: ${look.words} (${count})"><span class="fas ${look.icon}" aria-hidden="true"></span> <span class="tiaas-cell-elements" aria-hidden="true">${f"{elements.count:,}/{elements.total:,}"}</span><span class="sr-only">${look.words} (${count})</span></td>
</%def>

<%def name="cell_of_tool(tool, jobs)">
<td class="tiaas-cell tiaas-cell-${dashboard.state_of(jobs).value}">\
% for look, count in dashboard.parts_of(jobs):
<span class="tiaas-cell-count" title="${count} ${look.words}"><span class="fas ${look.icon}" aria-hidden="true"></span> ${f"{count:,}"}<span class="sr-only"> ${look.words}</span></span>
% endfor
% if not dashboard.parts_of(jobs):
<span class="sr-only">none</span>\
% endif
</td>
</%def>

<%def name="bar(counts)">
${formats.shares([(f"tiaas-cell-{look.state.value}", count) for look, count in counts], "tiaas-step-bar")}
</%def>

<%def name="step_list(steps)">
% for section, of_section in dashboard.sections(steps):
% if section:
<h3 class="tiaas-step-section">${section}</h3>
% endif
<ol class="tiaas-step-list ${'tiaas-step-crowd' if progress.members > 999 else ''}">
    % for step in of_section:
    <li id="step-${step.position}" class="${'tiaas-step-middle' if dashboard.is_middle(progress, step.position) else ''}">
        <span class="tiaas-step-number">${step.position}</span>
        <span class="tiaas-step-label"><span class="tiaas-step-words" title="${step.label}">${step.label}</span>
            % if not step.installed:
            <span class="tiaas-step-missing" title="${step.tool_id}">not installed</span>
            % endif
            % if dashboard.is_middle(progress, step.position):
            <strong class="tiaas-step-mark">middle of the class</strong>
            % endif
        </span>
        ${bar(dashboard.parts_of_step(step.counts))}
        <span class="tiaas-step-counts">
            % for look, count in dashboard.parts_of_step(step.counts):
            <span class="tiaas-cell-count" title="${f'{count:,}'} ${look.words}"><span class="fas ${look.icon} tiaas-ink-${look.state.value}" aria-hidden="true"></span> ${f"{count:,}"}<span class="sr-only"> ${look.words}</span></span>
            % endfor
        </span>
    </li>
    % endfor
</ol>
% endfor
</%def>

<%def name="step_details(name, steps)">
% if steps:
<details id="steps-${name}"><summary>${f"Step {steps[0].position}" if len(steps) == 1 else f"Steps {steps[0].position} to {steps[-1].position}"}</summary>
${step_list(steps)}
</details>
% endif
</%def>

<%def name="row_of(user)">
    <tr id="progress-${user.pseudonym}" class="${'tiaas-row-behind' if user.behind else ''}">
        <th scope="row">${parts.person(user)}
            % if user.username:
            <span class="tiaas-matrix-user">${user.username}</span>
            % endif
            % if user.behind:
            <span class="tiaas-behind"><span class="fas fa-flag" aria-hidden="true"></span> well behind</span>
            % endif
        </th>
        <% elements = {each.position: each for each in user.elements} %>
        % for step, state in zip(progress.steps, user.states):
        % if step.position in elements:
        ${cell_of_elements(step, state, elements[step.position])}
        % else:
        ${cells[step.position, state] | n}
        % endif
        % endfor
        % for tool, jobs in zip(progress.tools, user.tools):
        ${cell_of_tool(tool, jobs)}
        % endfor
    </tr>
</%def>

<section class="tiaas-progress" aria-labelledby="progress">
<h2 id="progress">${"Steps" if progress.steps else "Who uses which tools"}</h2>
% if not progress.users:
<p>${nobody}</p>
% elif progress.steps:
<p>${dashboard.summary(progress)}</p>
<% before, middle, after = dashboard.in_three(progress) %>
${step_details("before", before)}
${step_list(middle)}
${step_details("after", after)}
% elif not progress.tools:
<p>Nobody has run a tool yet.</p>
% endif
% if progress.users and (progress.steps or progress.tools):
<p class="tiaas-step-legend" aria-hidden="true">
    % for look in dashboard.legend(progress):
    <span><span class="tiaas-cell tiaas-cell-${look.state.value}"><span class="fas ${look.icon}"></span></span> ${look.words}</span>
    % endfor
</p>
% if view.find:
<p>${f"{shown.total:,} of {progress.members:,}"} people have <strong>${view.find}</strong> in their name.</p>
% elif shown.count > 1:
<p id="progress-rows">${dashboard.left_out(progress, shown)}</p>
% endif
% if shown.items:
<div class="tiaas-matrix" id="progress-matrix" role="region" aria-label="${'People and steps' if progress.steps else 'People and tools'}" tabindex="0">
<table>
    <thead>
    % if any(step.section for step in progress.steps):
    <tr><td></td>
        % for section, steps in dashboard.sections(progress.steps):
        <th scope="colgroup" colspan="${len(steps)}" title="${section}"><span class="tiaas-matrix-section">${section}</span></th>
        % endfor
    </tr>
    % endif
    <tr><th scope="col">Name</th>
        % for step in progress.steps:
        <th scope="col" title="${step.label}"><span class="tiaas-matrix-number">${step.position}</span><span class="tiaas-matrix-label">${step.label}</span></th>
        % endfor
        % for tool in progress.tools:
        <th scope="col" title="${tool.tool_id}"><span class="tiaas-matrix-label">${tool.name}</span></th>
        % endfor
    </tr></thead>
    <tbody>
    % for user in shown.items:
    ${piece("row", (columns, *dashboard.row_key(user)), lambda: capture(row_of, user))}
    % endfor
    </tbody>
</table>
</div>
% endif
${parts.leaf_through("rows", "People and steps" if progress.steps else "People and tools", shown, lambda number: view.address(rows=number), "progress")}
% endif
</section>
