<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="title()">${"Error: " if errors else ""}Set up the dashboard of ${dashboard.title}</%def>
<%def name="entry()">setup</%def>
<%! from galaxy_tiaas.dashboard import view as step_view %>
<%
missing = sum(not step.installed for step in dashboard.steps)
here = url(f"/tiaas/trainings/{dashboard.identifier}/dashboard")
%>

<%def name="form_start(change)">
${parts.token_field(token)}
<input type="hidden" name="change" value="${change}">
</%def>

<%def name="error(change)">
% if change in errors:
<div class="tiaas-error" id="${change}-error" role="alert">${errors[change]}</div>
% endif
</%def>

<%def name="described(change)">aria-describedby="${change}-help${f' {change}-error' if change in errors else ''}" ${'aria-invalid="true" autofocus' if change in errors else "" | n}</%def>

<h1>Set up the dashboard</h1>
<p>of <a href="${url(f'/tiaas/trainings/{dashboard.identifier}')}">${dashboard.title}</a></p>
% if saved:
<div class="alert alert-success" role="status">Saved. <a href="${url(f'/join-training/{dashboard.identifier}/dashboard')}">Open the dashboard</a></div>
% endif

<div class="tiaas-setup">
<section aria-labelledby="steps">
    <h2 id="steps">What your class will do</h2>
    % if dashboard.steps:
    <p>The dashboard shows who is at which of these ${len(dashboard.steps)} steps, and who is well behind.</p>
    % for section, steps in step_view.sections(dashboard.steps):
    % if section:
    <h3 class="tiaas-setup-section">${section}</h3>
    % endif
    <ol class="tiaas-setup-steps" start="${steps[0].position}">
        % for step in steps:
        <li><span>${step.label}</span>
            % if step.label != formats.tool_id(step.tool_id):
            <code title="${step.tool_id}">${formats.tool_id(step.tool_id)}</code>
            % endif
            % if not step.installed:
            <span class="tiaas-step-missing"><span class="fas fa-exclamation-triangle" aria-hidden="true"></span> not installed on this Galaxy</span>
            % endif
        </li>
        % endfor
    </ol>
    % endfor
    % if missing:
    <div class="alert alert-warning">This Galaxy does not have the ${"tool of one step" if missing == 1 else f"tools of {missing} steps"}. Nobody can complete ${"it" if missing == 1 else "them"}: check the
    ${"id of the tool" if missing == 1 else "ids of the tools"}, or ask an admin to install ${"it" if missing == 1 else "them"}.</div>
    % endif
    <form method="post" action="${here}" enctype="multipart/form-data">
        ${form_start("remove")}
        <button class="btn btn-outline-danger" type="submit">Remove these steps</button>
    </form>
    % else:
    <p>No steps are named yet: the dashboard shows the tools that each person uses. Name the steps of your course, and it
    shows who is at which one, and who is well behind.</p>
    % endif
    <p class="tiaas-help mt-3">For a step, only the tool counts: in any version, from any Tool Shed, by itself or in a
    workflow. Uploading is a tool too, called <code>upload1</code>.</p>
</section>

<section aria-labelledby="from">
    <h2 id="from">${"Change the steps" if dashboard.steps else "Name the steps"}</h2>
    <p>In one of three ways${"; each replaces the steps that are there" if dashboard.steps else ""}.</p>
    <form method="post" action="${here}" enctype="multipart/form-data" class="tiaas-way">
        ${form_start("workflow")}
        % if workflows:
        <h3><label for="workflow">From one of my workflows</label></h3>
        <div class="tiaas-help" id="workflow-help">Its tools in their order${", of those 200 that were changed last" if len(workflows) == 200 else ""}.</div>
        ${error("workflow")}
        <div class="tiaas-inline">
            <select class="form-control" id="workflow" name="workflow_id" required ${described("workflow")}>
                <option value="">Choose …</option>
                % for own, group in ((True, "My workflows"), (False, "Shared with me")):
                <% found = [workflow for workflow in workflows if workflow.own is own] %>
                % if found:
                <optgroup label="${group}">
                    % for workflow in found:
                    <option value="${workflow.id}">${workflow.name}</option>
                    % endfor
                </optgroup>
                % endif
                % endfor
            </select>
            <button class="btn btn-outline-primary" type="submit">Use it<span class="sr-only"> (the workflow)</span></button>
        </div>
        % else:
        <h3>From one of my workflows</h3>
        ${error("workflow")}
        <p class="mb-0">You have no workflow on this Galaxy, and nobody has shared one with you.</p>
        % endif
    </form>
    <form method="post" action="${here}" enctype="multipart/form-data" class="tiaas-way">
        ${form_start("file")}
        <h3><label for="file">From a workflow's file</label></h3>
        <div class="tiaas-help" id="file-help">A <code>.ga</code> file, as tutorials of the Galaxy Training Network offer it, or a
        <code>.gxwf.yml</code> file. Only the tools and labels in it are kept.</div>
        ${error("file")}
        <div class="tiaas-inline">
            <input class="form-control" type="file" id="file" name="file" accept=".ga,.json,.yml,.yaml,application/json,application/yaml" required ${described("file")}>
            <button class="btn btn-outline-primary" type="submit">Use it<span class="sr-only"> (the file)</span></button>
        </div>
    </form>
    <form method="post" action="${here}" enctype="multipart/form-data" class="tiaas-way">
        ${form_start("tools")}
        <h3><label for="tools">As a list of tools</label></h3>
        <div class="tiaas-help" id="tools-help">One tool in each line: its id, and if you like a <code>|</code> and what your class calls the step. The id is
        in the menu of each tool (<em>Copy Tool ID</em>). A line <code>[Quality control]</code> begins a group of steps.</div>
        ${error("tools")}
        <textarea class="form-control" id="tools" name="tools" rows="${min(max(len(dashboard.steps) + 2, 6), 20)}" required spellcheck="false" autocapitalize="none"
            placeholder="fastqc | Look at the reads&#10;cutadapt | Trim them" ${described("tools")}>
${tools}</textarea>
        <button class="btn btn-outline-primary mt-2" type="submit">Use this list</button>
    </form>
</section>
</div>

<section aria-labelledby="counts">
    <h2 id="counts">Which jobs count</h2>
    <form method="post" action="${here}" enctype="multipart/form-data" class="tiaas-medium">
        ${form_start("course_only")}
        <div class="tiaas-tick-box">
            <input type="checkbox" id="course-only" name="course_only" ${"checked" if dashboard.course_only else ""} aria-describedby="course-only-help">
            <div><label for="course-only">Only the course</label>
            <div class="tiaas-help" id="course-only-help">Only jobs in histories count that are tagged <code>#${dashboard.identifier}</code> or shared with one of the
            instructors. Private work of your class stays out; but whoever forgets the tag seems to do nothing, so tell them. Without
            this, all jobs of your class count, and those who look can choose to see the course only.</div></div>
        </div>
        <button class="btn btn-outline-primary" type="submit">Save this choice</button>
    </form>
</section>
<p class="mt-4"><a href="${url(f'/tiaas/trainings/{dashboard.identifier}')}">Back to the training</a></p>
