<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%!
VERBS = {"approved": "Approve", "rejected": "Reject", "cancelled": "Cancel the training"}
%>
<%def name="title()">Review ${training.title}</%def>
<%
choices = [state for state in VERBS if state in {possible_state.value for possible_state in possible}]
review = url(f"/tiaas/admin/trainings/{training.identifier}")
%>
<h1>${training.title}</h1>
${parts.subtitle(training)}
% if problem:
<div class="alert alert-danger" role="alert" tabindex="-1" autofocus>${problem}</div>
% elif saved:
<div class="alert alert-success" role="status">Done: the training is ${formats.training_state(training.state)}.</div>
% endif
% if training.requested_change:
<form class="tiaas-box" method="post" action="${review}/change">
    ${parts.token_field(token)}
    <h2 class="mt-0">The instructor asks for a change</h2>
    ${parts.requested_change(training)}
    <div class="tiaas-field"><label for="change-note">Note to the instructor</label>
    <span class="tiaas-help">(optional)</span>
    <input class="form-control" id="change-note" name="note" value="${note if changing else ''}"></div>
    <div class="tiaas-actions">
        <button class="btn btn-primary" name="decision" value="accept">Accept</button>
        <button class="btn btn-outline-danger" name="decision" value="decline">Decline</button>
    </div>
</form>
% endif
${parts.facts(training)}
<div class="tiaas-actions">
    <a class="btn btn-outline-primary" href="${url(f'/tiaas/trainings/{training.identifier}/edit')}">Change</a>
    <a class="btn btn-outline-primary" href="${url(f'/tiaas/trainings/{training.identifier}')}">As the instructor sees it</a>
    % if training.state.value == "approved":
    <a class="btn btn-outline-primary" href="${url(f'/join-training/{training.identifier}/status')}">Dashboard</a>
    % endif
</div>
<h2>Other trainings on these days</h2>
% if any(entry.seats for entry in load):
<table class="table table-sm tiaas-small-table">
    <thead><tr><th scope="col">Days</th><th scope="col" class="number">People of others</th><th scope="col" class="number">With this one</th></tr></thead>
    <tbody>
    % for first, last, seats in formats.stretches(load):
    <tr><td>${formats.days(first, last)}</td><td class="number">${f"{seats:,}"}</td><td class="number">${f"{seats + training.attendance:,}"}</td></tr>
    % endfor
    </tbody>
</table>
% else:
<p>No other approved training takes place on these days.</p>
% endif
% if choices:
<h2>Decide</h2>
<form method="post" class="tiaas-medium" action="${review}">
    ${parts.token_field(token)}
    <div class="tiaas-field"><label for="note">Note to the instructor</label>
    <span class="tiaas-help">(optional)</span>
    <textarea class="form-control" id="note" name="note" rows="2">${"" if changing else note}</textarea></div>
    % if "approved" in choices:
    ${parts.destination_field(destinations, destination)}
    % endif
    <div class="tiaas-actions">
        % for state in choices:
        % if state != "cancelled":
        <button class="btn ${'btn-primary' if state == 'approved' else 'btn-outline-danger'}" type="submit" name="state" value="${state}">${VERBS[state]}</button>
        % endif
        % endfor
    </div>
    % if "cancelled" in choices:
    <details>
        <summary>Cancel the training …</summary>
        <p>If the course does not take place. A rejected training can be approved again, a cancelled one cannot.</p>
        <button class="btn btn-outline-danger" type="submit" name="state" value="cancelled">${VERBS["cancelled"]}</button>
    </details>
    % endif
</form>
% endif
<h2>Instructors</h2>
${parts.people_list(people)}
<h2>Cohort</h2>
% if training.state.value == "new":
<p>The Galaxy group and role <code>training-${training.identifier}</code> are made at approval.</p>
% else:
<p>Galaxy group and role <code>training-${training.identifier}</code>.</p>
${parts.members_table(members)}
% endif
<h2>History</h2>
${parts.history_table(history)}
